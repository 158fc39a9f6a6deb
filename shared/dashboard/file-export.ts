import { sinceOf } from '../pipeline/record.ts';
import { parseStatus } from '../pipeline/status.ts';
import { cellOf } from '../text/csv.ts';
import type { Exported } from './exported.ts';
import { type FilesRequest, gatherFiles } from './list-files.ts';
import type { Source } from './view.ts';

// The same columns as the runbook `files`.
const ATTRIBUTES = [
  'file_size_mb',
  'file_path',
  'created_at',
  'updated_at',
  'manifest_path',
  'error_message',
];

/**
 * The files of a list, including its other pages, up to the most that are gathered for one list.
 *
 * @throws if files are missing that no later page would bring, since an exported file could not say so
 */
export async function exportFiles(request: FilesRequest, source: Source): Promise<Exported> {
  const { records, incomplete } = await gatherFiles(request, source);
  if (incomplete) throw new Error(`The list cannot be exported: ${incomplete}`);
  return {
    columns: ['status', 'date_prefix', 'file_key', 'since', ...ATTRIBUTES],
    rows: records.map((record) => ({
      cells: [
        parseStatus(record.status).status,
        record.date_prefix,
        record.file_key,
        sinceOf(record, source.now),
        ...ATTRIBUTES.map((name) => cellOf(record[name])),
      ],
      record,
    })),
  };
}
