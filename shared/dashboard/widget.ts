import { faultCard } from '../page-kit/card.ts';
import { type Html, markupOf } from '../page-kit/html.ts';
import { timesIn } from '../page-kit/zone.ts';
import { pageNavigation, widgetNavigation } from './navigation.ts';
import { frame, renderDashboard } from './render.ts';
import type { Deployed, Source } from './view.ts';
import { readWidgetEvent } from './widget-event.ts';

/** A dashboard loads many widgets, over and over. */
export const MOST_BYTES = 200_000;

/** Where the widget runs. */
export interface WidgetPlace {
  readonly environment: string;
  /** The ARN of its own function, which its actions call. */
  readonly functionArn: string;
  /** Undefined on one machine. */
  readonly deployed?: Deployed | undefined;
}

/** What the widget reads from; the time range comes with each event. */
export type WidgetSource = Pick<
  Source,
  'tracking' | 'projection' | 'profile' | 'now' | 'evidence' | 'keepSample' | 'noteFault'
>;

/** Answers a dashboard: with documentation in Markdown, or with a view in HTML without scripts. */
export async function answerWidget(
  event: unknown,
  { environment, functionArn, deployed }: WidgetPlace,
  source: WidgetSource,
): Promise<string> {
  const { describe, view, theme, links, timeRange, zone } = readWidgetEvent(event);
  if (describe) return WIDGET_DOCS;
  const navigation = links === 'addresses' ? pageNavigation : widgetNavigation(functionArn);
  const context = { now: source.now, environment, navigation, deployed };
  const whole = await renderDashboard(view, theme, { ...source, timeRange }, context);
  if (sizeOf(whole) <= MOST_BYTES) return timesIn(markupOf(whole), zone, source.now);
  const message = `It is too large: ${sizeOf(whole)} bytes; the limit is ${MOST_BYTES}.`;
  return timesIn(
    markupOf(frame({ title: 'Too large' }, faultCard('This view', message), theme, context)),
    zone,
    source.now,
  );
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
**view** | The first view: \`overview\` (default), \`dates\`, \`files\`, \`manifests\`, \`failures\`, \`orphans\` or \`changes\`
**date** | With \`files\`, \`manifests\` or \`failures\`: the date, YYYY-MM-DD
**status** | With \`files\` or \`manifests\`: \`pending\`, \`manifested\`, \`processing\`, \`completed\`, \`failed\`, \`quarantined\` or \`unknown\`
**older** | With \`files\`: only those that have been in their status for longer, such as \`2h\`
**sort** | With \`files\`: \`age\`, \`newest\`, \`name\`, \`error\` or \`manifest\`
**kind** | With \`orphans\`: one kind, such as \`missing_manifests\`

The dates shown follow the dashboard's time range. Times are in UTC, or local if the dashboard is set to local time.

A dashboard runs no scripts, and this function does not read buckets. On a laptop,
\`npm run page -- --env ENV\` serves the same page, read-only, with your own credentials. It adds bookmarkable addresses,
job reports, and commands that a click copies.

### Example parameters

\`\`\` yaml
view: files
status: failed
\`\`\`
`;
