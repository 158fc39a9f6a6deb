import * as z from 'zod';
import type { TimeRange } from './date-range.ts';
import type { Theme } from './frame.ts';
import { type ParsedView, parseView } from './view-request.ts';

const range = z.object({ start: z.number(), end: z.number() });

// What is missing or of another form is passed over: a dashboard must show something whatever it sends.
const widgetContext = z.object({
  theme: z.enum(['light', 'dark']).optional().catch(undefined),
  timeRange: range
    .extend({ zoom: range.optional().catch(undefined) })
    .optional()
    .catch(undefined),
  forms: z
    .object({ all: z.record(z.string(), z.unknown()) })
    .optional()
    .catch(undefined),
});

const widgetEvent = z
  .looseObject({
    describe: z.literal(true).optional().catch(undefined),
    links: z.literal('addresses').optional().catch(undefined),
    theme: z.enum(['light', 'dark', 'auto']).optional().catch(undefined),
    widgetContext: widgetContext.optional().catch(undefined),
  })
  .catch({});

/** What a dashboard asks the widget for. */
export interface WidgetRequest {
  /** How to use the widget is asked for, and not a view. */
  readonly describe: boolean;
  readonly view: ParsedView;
  readonly theme: Theme;
  /** Actions of a CloudWatch dashboard, or addresses of a page. */
  readonly links: 'actions' | 'addresses';
  readonly timeRange: TimeRange | undefined;
}

/**
 * Reads the event of a CloudWatch custom widget: the widget's parameters, or those of the action that was
 * clicked, and beside them `widgetContext`, which tells of the dashboard and of the forms on it.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_about.html
 */
export function readWidgetEvent(event: unknown): WidgetRequest {
  const { describe, links, theme, widgetContext: context, ...fields } = widgetEvent.parse(event);
  const { timeRange, forms } = context ?? {};
  // Every click sends along what stands in the search form; only its own button means it.
  const typed =
    fields.view === 'find'
      ? { name: forms?.all.name ?? fields.name, date: forms?.all.date ?? fields.date }
      : {};
  return {
    describe: describe ?? false,
    view: parseView({ ...fields, ...typed }),
    theme: context?.theme ?? theme ?? 'light',
    links: links ?? 'actions',
    timeRange: timeRange?.zoom ?? timeRange,
  };
}
