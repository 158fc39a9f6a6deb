import * as z from 'zod';
import { fixedZone, namedZone, UTC, type Zone } from '../page-kit/zone.ts';
import { EXPORT_FORMS, type ExportForm } from './navigation.ts';
import type { Theme } from './render.ts';
import { type ParsedRequest, parseRequest } from './requests.ts';
import type { TimeRange } from './view.ts';

const range = z.object({ start: z.number(), end: z.number() });

// Missing or malformed parts are ignored: whatever a dashboard sends, something must be shown.
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
    typed: z.string().optional().catch(undefined),
    download: z.enum(EXPORT_FORMS).optional().catch(undefined),
    links: z.literal('addresses').optional().catch(undefined),
    theme: z.enum(['light', 'dark', 'auto']).optional().catch(undefined),
    zone: z.string().optional().catch(undefined),
    widgetContext: widgetContext.optional().catch(undefined),
  })
  .catch({});

/** A dashboard's request to the widget. */
export interface WidgetRequest {
  /** Asks how to use the widget instead of for a view. */
  readonly describe: boolean;
  readonly view: ParsedRequest;
  readonly theme: Theme;
  /** Actions of a CloudWatch dashboard, or addresses of a page. */
  readonly links: 'actions' | 'addresses';
  readonly timeRange: TimeRange | undefined;
  /** The time zone in which times are shown. */
  readonly zone: Zone;
  /** Asks for the view's list as a file. */
  readonly download: ExportForm | undefined;
}

/**
 * Reads the event of a CloudWatch custom widget: the widget's parameters, or those of the action that was
 * clicked, and beside them `widgetContext`, which describes the dashboard and its forms.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_about.html
 * Its time zone is UTC or the person's own, with the current offset:
 * https://docs.aws.amazon.com/powertools/python/latest/api_doc/utilities/data_classes/cloud_watch_custom_widget_event/
 */
export function readWidgetEvent(event: unknown): WidgetRequest {
  const {
    describe,
    links,
    theme,
    zone,
    typed,
    download,
    widgetContext: context,
    ...fields
  } = widgetEvent.parse(event);
  const { timeRange, timezone, forms } = context ?? {};
  return {
    describe: describe ?? false,
    view: parseRequest({ ...fields, ...typedIn(forms?.all, typed) }),
    theme: context?.theme ?? theme ?? 'light',
    links: links ?? 'actions',
    timeRange: timeRange?.zoom ?? timeRange,
    zone: fixedZone(timezone?.offsetISO ?? '') ?? namedZone(zone ?? '') ?? UTC,
    download,
  };
}

/**
 * Every click sends the contents of all forms. Only the fields that the clicked action names count: those of the form
 * that the button belongs to.
 */
function typedIn(all: Readonly<Record<string, unknown>> = {}, names = ''): Record<string, unknown> {
  const given = names.split(' ').filter((name) => Object.hasOwn(all, name));
  return Object.fromEntries(given.map((name) => [name, all[name]]));
}
