import * as z from 'zod';
import { DATE_FORM, fitsSortKey } from '../pipeline/names.ts';
import { STATUSES, UNKNOWN_STATUS } from '../pipeline/status.ts';
import { isFailureClass } from '../projection/failure-counts.ts';

const date = z.string('must be written YYYY-MM-DD').regex(DATE_FORM, 'must be written YYYY-MM-DD');
const LISTED_STATUSES = [...STATUSES, UNKNOWN_STATUS] as const;
const status = z.enum(LISTED_STATUSES, `must be one of ${LISTED_STATUSES.join(', ')}`);
const failureClass = z
  .string('must be given')
  .refine(isFailureClass, 'must be a class of failures, as this page links to it');
// An address has at most 1,024 bytes of key, three characters each when encoded.
const LONGEST_NAME = 4_096;
const span = z.enum(['1h', '6h', '1d', '7d'], 'must be one of 1h, 6h, 1d, 7d');
const nextToken = z.string().max(10_000).optional();

/** The fields that a request for each view may have: text only, so that they fit a URL. */
const FIELDS = {
  overview: z.object({ span: span.optional() }),
  dates: z.object({}),
  files: z.object({
    date: date.optional(),
    status: status.optional(),
    class: failureClass.optional(),
    next: nextToken,
  }),
  file: z.object({ date, file: text(1_024).refine(fitsSortKey, 'must not be longer than 1,024 bytes') }),
  find: z.object({ name: text(LONGEST_NAME), date: date.optional() }),
  failures: z.object({ date: date.optional(), class: failureClass.optional() }),
  manifests: z.object({ date: date.optional(), status: status.optional() }),
  manifest: z.object({ date, manifest: text(LONGEST_NAME) }),
  locks: z.object({}),
  orphans: z.object({}),
  changes: z.object({ next: nextToken }),
  change: z.object({ change: text(200), next: nextToken }),
} as const;

export type ViewName = keyof typeof FIELDS;

/** What a view is asked for. */
export type FieldsOf<N extends ViewName> = z.output<(typeof FIELDS)[N]>;

// An object schema without fields has an output that allows no field at all, `view` included.
type Given<O> = string extends keyof O ? unknown : O;

/** A request for one view. */
export type ViewRequest = { [N in ViewName]: { readonly view: N } & Given<FieldsOf<N>> }[ViewName];

/** The view that is asked for and its fields, or what is wrong with the request. */
export type ParsedRequest =
  | { readonly ok: true; readonly view: ViewName; readonly fields: Record<string, unknown> }
  | { readonly ok: false; readonly message: string };

/** Reads a request for a view. Empty fields count as missing, and unknown ones are ignored. */
export function parseRequest(given: Readonly<Record<string, unknown>>): ParsedRequest {
  const filled = Object.entries(given).filter(([, value]) => value !== '' && value !== null);
  const { view = 'overview', ...rest } = Object.fromEntries(filled);
  if (!isViewName(view)) return { ok: false, message: '"view": there is no such view.' };
  const { data, error } = FIELDS[view].safeParse(rest);
  return data
    ? { ok: true, view, fields: data }
    : { ok: false, message: error.issues.map(issueText).join(' ') };
}

function isViewName(view: unknown): view is ViewName {
  return typeof view === 'string' && Object.hasOwn(FIELDS, view);
}

function issueText({ path: [field = 'request'], message }: z.core.$ZodIssue): string {
  return `"${String(field)}": ${message}.`;
}

/** Text that must be given. */
function text(longest: number): z.ZodString {
  return z.string('must be given').min(1, 'must be given').max(longest);
}
