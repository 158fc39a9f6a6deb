import { sinceOf } from '../pipeline/record.ts';
import { parseStatus } from '../pipeline/status.ts';
import { cellOf } from '../text/csv.ts';
import type { Exported } from './exported.ts';
import { type FilesRequest, gatherFiles } from './list-files.ts';
import type { Source } from './view.ts';

// As the runbook `files` has them.
const ATTRIBUTES = [
  'file_size_mb',
  'file_path',
  'created_at',
  'updated_at',
  'manifest_path',
  'error_message',
];

/**
 * The files of a list, those of its other pages too, as far as they are gathered for one list.
 *
 * @throws where files are missing that nothing later would bring: a file does not say so
 */
export async function exportFiles(request: FilesRequest, source: Source): Promise<Exported> {
  const { records, incomplete } = await gatherFiles(request, source);
  if (incomplete) throw new Error(`The list cannot be written as a file: ${incomplete}`);
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
