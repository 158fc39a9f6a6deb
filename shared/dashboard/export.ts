import { csvLine } from '../text/csv.ts';
import { jsonText } from '../text/plain-value.ts';
import type { Exported } from './exported.ts';
import type { ExportForm } from './navigation.ts';
import type { ParsedRequest } from './requests.ts';
import type { Source, View } from './view.ts';
import { VIEWS } from './views.ts';

/** A list as a file. */
export interface ExportFile {
  readonly name: string;
  readonly form: ExportForm;
  readonly text: string;
}

/**
 * A view's list, as a file.
 *
 * @returns undefined for a view without a list, and for an invalid request
 * @throws if anything cannot be read, because half a list could be mistaken for a complete one
 */
export async function exportFile(
  parsed: ParsedRequest,
  form: ExportForm,
  source: Source,
): Promise<ExportFile | undefined> {
  if (!parsed.ok) return undefined;
  const view: View = VIEWS[parsed.view];
  const exported = await view.export?.(parsed.fields, source);
  if (!exported) return undefined;
  return { name: `${parsed.view}${partOf(exported)}.${form}`, form, text: textOf(exported, form) };
}

/** A part says so in its name: in the rows, whatever reads them would take it for a row. */
function partOf({ missing = 0 }: Exported): string {
  if (missing === 'unknown') return '-part';
  return missing > 0 ? `-part-${missing}-missing` : '';
}

function textOf({ columns, rows }: Exported, form: ExportForm): string {
  if (form === 'ndjson') return rows.map(({ record }) => `${jsonText(record)}\n`).join('');
  return [columns, ...rows.map(({ cells }) => cells)].map(csvLine).join('');
}
