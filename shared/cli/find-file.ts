import * as z from 'zod';
import { dateOfName, firstKnown, keysOfName } from '../pipeline/names.ts';
import { fileNotFound } from '../pipeline/record.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import { dayOf } from '../text/time.ts';
import { date, resolveDate } from './dates.ts';

/** Flags that name one file; `findFile` reads them. */
export const fileFlags = {
  file: z
    .string()
    .min(1)
    .describe('The file')
    .meta({ alias: 'file-key', allowed: 'a file_key, an object key or an s3:// address' }),
  date: date.describe('Its date, if its name has none').meta({ alias: 'date-prefix' }),
};

/** The values of `fileFlags`. */
interface FileValues {
  readonly file: string;
  readonly date?: string | undefined;
}

/** The file that was named as an operation takes it, which tries every spelling by itself. */
export function namedFile({ file, date }: FileValues, now: number): RecordKey {
  const date_prefix = date ? resolveDate(date, now) : (dateOfName(file) ?? dayOf(now));
  return { date_prefix, file_key: file };
}

/**
 * What is known of the file that was named, whichever way its name was spelled.
 *
 * @param read undefined when there is no such file
 * @throws Refused when there is none under any spelling
 */
export async function findFile<T>(
  flags: FileValues,
  now: number,
  read: (key: RecordKey) => Promise<T | undefined>,
): Promise<T> {
  const named = namedFile(flags, now);
  const keys = keysOfName(named.file_key, named.date_prefix, named.date_prefix);
  const found = await firstKnown(keys, read);
  if (found !== undefined) return found;
  throw fileNotFound(named);
}
