import type * as z from 'zod';
import { change } from './change.ts';
import { changes } from './changes.ts';
import { dates } from './dates.ts';
import { file, find } from './file.ts';
import { files } from './files.ts';
import { orphans } from './orphans.ts';
import { overview } from './overview.ts';
import type { View } from './view.ts';

/** Every view: adding one takes its file and its line here. */
const VIEWS = [overview, dates, files, file, find, orphans, changes, change] as const;

type RequestFor<V> = V extends { readonly name: infer N; readonly fields: infer F extends z.ZodObject }
  ? { readonly view: N } & FieldsOf<z.output<F>>
  : never;
// An object schema without fields has an output that allows no field at all, `view` included.
type FieldsOf<O> = string extends keyof O ? unknown : O;

/** A request for one view. Plain JSON, and text only, so that it fits a URL. */
export type ViewRequest = RequestFor<(typeof VIEWS)[number]>;
export type ViewName = ViewRequest['view'];

/** A request and the view it is for, or what is wrong with it. */
export type ParsedView =
  | { readonly ok: true; readonly view: View; readonly request: Record<string, unknown> }
  | { readonly ok: false; readonly message: string };

/** Reads a request for a view. Empty fields count as missing, and unknown ones are ignored. */
export function parseView(given: Readonly<Record<string, unknown>>): ParsedView {
  const filled = Object.entries(given).filter(([, value]) => value !== '' && value !== null);
  const { view: name = overview.name, ...fields } = Object.fromEntries(filled);
  const view: View | undefined = VIEWS.find((each) => each.name === name);
  if (!view) return { ok: false, message: '"view": there is no such view.' };
  const parsed = view.fields.safeParse(fields);
  if (parsed.success) return { ok: true, view, request: parsed.data };
  return { ok: false, message: parsed.error.issues.map(issueText).join(' ') };
}

function issueText({ path: [field = 'request'], message }: z.core.$ZodIssue): string {
  return `"${String(field)}": ${message}.`;
}
