import * as z from 'zod';
import { STATUSES } from '../pipeline/status.ts';

const date = z.iso.date('must be a real date written YYYY-MM-DD');
const status = z.enum(STATUSES, `must be one of ${STATUSES.join(', ')}`);
const given = (longest: number) => z.string('must be given').min(1, 'must be given').max(longest);
const next = z.string().max(10_000).optional();

const viewSchema = z.discriminatedUnion('view', [
  z.object({ view: z.literal('overview') }),
  z.object({ view: z.literal('dates') }),
  z.object({ view: z.literal('files'), date: date.optional(), status: status.optional(), next }),
  z.object({ view: z.literal('file'), date, file: given(1_024) }),
  z.object({ view: z.literal('find'), name: given(2_048), date: date.optional() }),
  z.object({ view: z.literal('orphans') }),
  z.object({ view: z.literal('changes'), next }),
  z.object({ view: z.literal('change'), change: given(200), next }),
]);

/** One view of the dashboard, and what it is to show. Plain JSON, and text only, so that it fits a URL. */
export type ViewRequest = z.output<typeof viewSchema>;
export type ViewName = ViewRequest['view'];

/** What was asked for, or what is wrong with it. */
export type ParsedView =
  | { readonly ok: true; readonly request: ViewRequest }
  | { readonly ok: false; readonly message: string };

/** Reads a request for a view; fields that are empty count as left out, and so does what no view knows. */
export function parseView(fields: Readonly<Record<string, unknown>>): ParsedView {
  const filled = Object.entries(fields).filter(([, value]) => value !== '' && value !== null);
  const parsed = viewSchema.safeParse({ view: 'overview', ...Object.fromEntries(filled) });
  if (parsed.success) return { ok: true, request: parsed.data };
  return { ok: false, message: parsed.error.issues.map(describeIssue).join(' ') };
}

function describeIssue({ path, message }: z.core.$ZodIssue): string {
  const [field = 'request'] = path;
  if (field === 'view') return `"view": there is no such view.`;
  return `"${String(field)}": ${message}.`;
}
