import * as z from 'zod';
import { ORPHAN_KINDS } from '../orphans/verdict.ts';
import { DATE_FORM, fitsSortKey } from '../pipeline/names.ts';
import { STATUSES, UNKNOWN_STATUS } from '../pipeline/status.ts';
import { isFailureClass } from '../projection/failure-counts.ts';
import { issueText } from '../text/issue-text.ts';
import { durationMillis } from '../text/time-text.ts';

const DATE_TEXT = 'must have the form YYYY-MM-DD';
const date = z.string(DATE_TEXT).regex(DATE_FORM, DATE_TEXT);
const LISTED_STATUSES = [...STATUSES, UNKNOWN_STATUS] as const;
const status = z.enum(LISTED_STATUSES, `must be one of ${LISTED_STATUSES.join(', ')}`);
const failureClass = z.string('must be given').refine(isFailureClass, 'must be the id of a failure class');
// An address has at most 1,024 bytes of key, three characters each when encoded.
const LONGEST_NAME = 4_096;
const span = z.enum(['1h', '6h', '1d', '7d'], 'must be one of 1h, 6h, 1d, 7d');
/** Where a list continues may be longer than this if it has very many shards, but an address may not. */
export const LONGEST_NEXT = 10_000;
const nextToken = z.string().max(LONGEST_NEXT, 'is too long').optional();
const spokenDate = z
  .string()
  .trim()
  .toLowerCase()
  .refine((text) => DATE_FORM.test(text) || text === 'today' || text === 'yesterday', {
    error: 'must be a date as YYYY-MM-DD, today or yesterday',
  });
const older = z
  .string()
  .trim()
  .refine((text) => durationMillis(text) !== undefined, {
    error: 'must be a length of time such as 90s, 30m, 2h or 1d',
  });

/** The orders of a list of files. `newest` and `age` sort by how long files have had their status. */
export const FILE_ORDERS = ['age', 'newest', 'name', 'error', 'manifest'] as const;
export type FileOrder = (typeof FILE_ORDERS)[number];

const ORPHAN_ORDERS = ['age', 'name'] as const;
export const CLASS_ORDERS = ['files', 'day', 'last'] as const;

const orderOf = <T extends string>(orders: readonly T[]) =>
  z.enum(orders, `must be one of ${orders.join(', ')}`).optional();

/** The fields that a request for each view may have: text only, so that they fit a URL. */
const FIELDS = {
  overview: z.object({ span: span.optional() }),
  dates: z.object({}),
  files: z.object({
    date: date.optional(),
    status: status.optional(),
    class: failureClass.optional(),
    manifest: text(LONGEST_NAME).optional(),
    older: older.optional(),
    sort: orderOf(FILE_ORDERS),
    next: nextToken,
    ...{
      back: nextToken,
      at: z
        .string()
        .regex(/^\d{1,6}$/, 'must be a number')
        .optional(),
    },
  }),
  file: z.object({ date, file: text(1_024).refine(fitsSortKey, 'must not be longer than 1,024 bytes') }),
  find: z
    .object({ name: text(LONGEST_NAME).optional(), date: spokenDate.optional() })
    .refine(({ name, date }) => name ?? date, { path: ['name'], error: 'must be given' }),
  manifests: z.object({ date: date.optional(), status: status.optional() }),
  manifest: z.object({ date, manifest: text(LONGEST_NAME) }),
  locks: z.object({}),
  failures: z.object({
    date: date.optional(),
    class: failureClass.optional(),
    sort: orderOf(CLASS_ORDERS),
  }),
  orphans: z.object({
    kind: z.enum(ORPHAN_KINDS, `must be one of ${ORPHAN_KINDS.join(', ')}`).optional(),
    sort: orderOf(ORPHAN_ORDERS),
  }),
  changes: z.object({ next: nextToken }),
  change: z.object({ change: text(200), next: nextToken }),
} as const;

export type ViewName = keyof typeof FIELDS;

/** The fields of a request for a view. */
export type FieldsOf<N extends ViewName> = z.output<(typeof FIELDS)[N]>;

// An object schema without fields has an output that allows no field at all, `view` included.
type Given<O> = string extends keyof O ? unknown : O;

/** A request for one view. */
export type ViewRequest = { [N in ViewName]: { readonly view: N } & Given<FieldsOf<N>> }[ViewName];

/** The requested view and its fields, or what is wrong with the request. */
export type ParsedRequest =
  | { readonly ok: true; readonly view: ViewName; readonly fields: Record<string, unknown> }
  | { readonly ok: false; readonly message: string };

/** Reads a request for a view. Empty fields count as missing, and unknown ones are ignored. */
export function parseRequest(given: Readonly<Record<string, unknown>>): ParsedRequest {
  const filled = Object.entries(given).filter(([, value]) => value !== '' && value !== null);
  const { view = 'overview', ...rest } = Object.fromEntries(filled);
  if (!isViewName(view)) return { ok: false, message: '"view": no such view.' };
  const { data, error } = FIELDS[view].safeParse(rest);
  return data
    ? { ok: true, view, fields: data }
    : { ok: false, message: error.issues.map(fieldText).join(' ') };
}

function isViewName(view: unknown): view is ViewName {
  return typeof view === 'string' && Object.hasOwn(FIELDS, view);
}

function fieldText(issue: z.core.$ZodIssue): string {
  const [field = 'request'] = issue.path;
  return `"${String(field)}": ${issueText(issue)}.`;
}

/** Text that must be given. */
function text(longest: number): z.ZodString {
  return z.string('must be given').min(1, 'must be given').max(longest, 'is too long');
}
