import { csvLine } from '../text/csv.ts';
import { jsonText } from '../text/plain-value.ts';
import type { Exported } from './exported.ts';
import type { ExportForm } from './navigation.ts';
import type { ParsedRequest } from './requests.ts';
import type { Source, View } from './view.ts';
import { VIEWS } from './views.ts';

/**
 * A view's list, as text.
 *
 * @returns undefined for a view without a list, and for an invalid request
 * @throws if anything cannot be read, because half a list could be mistaken for a complete one
 */
export async function exportText(
  parsed: ParsedRequest,
  form: ExportForm,
  source: Source,
): Promise<string | undefined> {
  if (!parsed.ok) return undefined;
  const view: View = VIEWS[parsed.view];
  const exported = await view.export?.(parsed.fields, source);
  return exported && textOf(exported, form);
}

function textOf({ columns, rows }: Exported, form: ExportForm): string {
  if (form === 'ndjson') return rows.map(({ record }) => `${jsonText(record)}\n`).join('');
  return [columns, ...rows.map(({ cells }) => cells)].map(csvLine).join('');
}
