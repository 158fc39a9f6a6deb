import { faultCard } from '../page-kit/card.ts';
import { type Html, markupOf } from '../page-kit/html.ts';
import { frame } from './frame.ts';
import { pageNavigation } from './page-navigation.ts';
import { renderDashboard } from './render.ts';
import type { Source } from './source.ts';
import { WIDGET_DOCS } from './widget-docs.ts';
import { readWidgetEvent } from './widget-event.ts';
import { widgetNavigation } from './widget-navigation.ts';

/** A dashboard loads many widgets, again and again. */
export const MOST_BYTES = 200_000;

/** Where the widget runs. */
export interface WidgetPlace {
  readonly environment: string;
  /** Of its own function, which its actions call again. */
  readonly functionArn: string;
}

/**
 * Answers a dashboard: documentation in Markdown, or a view in HTML without any script.
 *
 */
export async function answerWidget(
  event: unknown,
  { environment, functionArn }: WidgetPlace,
  source: Omit<Source, 'timeRange'>,
): Promise<string> {
  const { describe, view, theme, links, timeRange } = readWidgetEvent(event);
  if (describe) return WIDGET_DOCS;
  const navigation = links === 'addresses' ? pageNavigation : widgetNavigation(functionArn);
  const context = { now: source.now, environment, navigation };
  const whole = await renderDashboard(view, theme, { ...source, timeRange }, context);
  if (sizeOf(whole) <= MOST_BYTES) return markupOf(whole);
  const message = `It is ${sizeOf(whole)} bytes long, and ${MOST_BYTES} are shown.`;
  return markupOf(frame(undefined, faultCard('This view', message), theme, context));
}

/** As Lambda sends it: as a JSON string. */
function sizeOf(whole: Html): number {
  return Buffer.byteLength(JSON.stringify(markupOf(whole)));
}
