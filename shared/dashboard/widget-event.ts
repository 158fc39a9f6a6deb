import * as z from 'zod';
import { fixedZone, namedZone, UTC, type Zone } from '../page-kit/zone.ts';
import type { Theme } from './render.ts';
import { type ParsedRequest, parseRequest } from './requests.ts';
import type { TimeRange } from './view.ts';

const range = z.object({ start: z.number(), end: z.number() });

// What is missing or has another form is ignored: whatever a dashboard sends, something must be shown.
const widgetContext = z.object({
  theme: z.enum(['light', 'dark']).optional().catch(undefined),
  timeRange: range
    .extend({ zoom: range.optional().catch(undefined) })
    .optional()
    .catch(undefined),
  timezone: z.object({ offsetISO: z.string() }).optional().catch(undefined),
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
    zone: z.string().optional().catch(undefined),
    widgetContext: widgetContext.optional().catch(undefined),
  })
  .catch({});

/** What a dashboard asks the widget for. */
export interface WidgetRequest {
  /** Asks how to use the widget, and for no view. */
  readonly describe: boolean;
  readonly view: ParsedRequest;
  readonly theme: Theme;
  /** Actions of a CloudWatch dashboard, or addresses of a page. */
  readonly links: 'actions' | 'addresses';
  readonly timeRange: TimeRange | undefined;
  /** Whose clock times are shown by. */
  readonly zone: Zone;
}

/**
 * Reads the event of a CloudWatch custom widget: the widget's parameters, or those of the action that was
 * clicked, and beside them `widgetContext`, which describes the dashboard and its forms.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_about.html
 * Its time zone is UTC or the person's own, with the offset of now:
 * https://docs.aws.amazon.com/powertools/python/latest/api_doc/utilities/data_classes/cloud_watch_custom_widget_event/
 */
export function readWidgetEvent(event: unknown): WidgetRequest {
  const { describe, links, theme, zone, widgetContext: context, ...fields } = widgetEvent.parse(event);
  const { timeRange, timezone, forms } = context ?? {};
  // Every click sends the search form's content along; it only counts when its own button was clicked.
  const typed =
    fields.view === 'find'
      ? { name: forms?.all.name ?? fields.name, date: forms?.all.date ?? fields.date }
      : {};
  return {
    describe: describe ?? false,
    view: parseRequest({ ...fields, ...typed }),
    theme: context?.theme ?? theme ?? 'light',
    links: links ?? 'actions',
    timeRange: timeRange?.zoom ?? timeRange,
    zone: fixedZone(timezone?.offsetISO ?? '') ?? namedZone(zone ?? '') ?? UTC,
  };
}
