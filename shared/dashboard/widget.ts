import { faultCard } from '../page-kit/card.ts';
import { type Html, markupOf } from '../page-kit/html.ts';
import { exportText } from './export.ts';
import { pageNavigation, widgetNavigation } from './navigation.ts';
import { frame, renderDashboard } from './render.ts';
import type { Source } from './view.ts';
import { readWidgetEvent } from './widget-event.ts';

/** A dashboard loads many widgets, again and again. */
export const MOST_BYTES = 200_000;

/** Where the widget runs. */
export interface WidgetPlace {
  readonly environment: string;
  /** Of its own function, which its actions call again. */
  readonly functionArn: string;
}

/** What the widget reads from; the time range comes with each event. */
export type WidgetSource = Pick<
  Source,
  'tracking' | 'projection' | 'profile' | 'now' | 'keepSample' | 'noteFault'
>;

/** Answers a dashboard: documentation in Markdown, or a view in HTML without any script. */
export async function answerWidget(
  event: unknown,
  { environment, functionArn }: WidgetPlace,
  source: WidgetSource,
): Promise<string> {
  const { describe, view, theme, links, timeRange, download } = readWidgetEvent(event);
  if (describe) return WIDGET_DOCS;
  const navigation = links === 'addresses' ? pageNavigation : widgetNavigation(functionArn);
  const context = { now: source.now, environment, navigation };
  const text =
    download && navigation.download && (await exportText(view, download, { ...source, timeRange }));
  if (text !== undefined) return text;
  const whole = await renderDashboard(view, theme, { ...source, timeRange }, context);
  if (sizeOf(whole) <= MOST_BYTES) return markupOf(whole);
  const message = `It is too large: ${sizeOf(whole)} bytes, and the limit is ${MOST_BYTES}.`;
  return markupOf(frame(undefined, faultCard('This view', message), theme, context));
}

/** As Lambda sends it: as a JSON string. */
function sizeOf(whole: Html): number {
  return Buffer.byteLength(JSON.stringify(markupOf(whole)));
}

/** What a CloudWatch dashboard shows of this widget while it is being configured. */
const WIDGET_DOCS = `## State Manager

Where the pipeline's files are, how fast they move, what needs attention, and how far the numbers can be trusted.
It is read-only.

### Widget parameters

Param | Description
---|---
**view** | The first view: \`overview\` (default), \`dates\`, \`files\`, \`orphans\` or \`changes\`
**date** | With \`files\`: the date, YYYY-MM-DD
**status** | With \`files\`: \`pending\`, \`manifested\`, \`processing\`, \`completed\`, \`failed\` or \`quarantined\`
**older** | With \`files\`: only those that have been in their status for longer, such as \`2h\`
**sort** | With \`files\`: \`age\`, \`newest\`, \`name\`, \`error\` or \`manifest\`
**kind** | With \`orphans\`: one kind, such as \`missing_manifests\`

The dates shown follow the dashboard's time range. All times are UTC.

### Example parameters

\`\`\` yaml
view: files
status: failed
\`\`\`
`;
