import type { RecordKey } from '../files/tracking-table.ts';
import { RequestRefused } from './operation.ts';

/** What a request for a file gets that the tracking table does not have. */
export function fileNotFound({ date_prefix, file_key }: RecordKey): RequestRefused {
  return new RequestRefused(
    404,
    'FILE_NOT_FOUND',
    `No record of ${file_key} on ${date_prefix}.`,
    'file_key is stored URL-encoded (a space is + or %20), and without its folders; date_prefix is the first date in the object key.',
  );
}
