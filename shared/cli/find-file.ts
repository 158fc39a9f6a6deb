import * as z from 'zod';
import { keysOfName } from '../pipeline/names.ts';
import { fileNotFound } from '../pipeline/record.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import { Refused } from '../text/refused.ts';
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

/**
 * What is known of the file that was named, whichever way its name was spelled.
 *
 * @param read undefined, or a refusal with 404, when there is no such file
 * @throws Refused when there is none under any spelling
 */
export async function findFile<T>(
  flags: { readonly file: string; readonly date?: string | undefined },
  now: number,
  read: (key: RecordKey) => Promise<T | undefined>,
): Promise<T> {
  const keys = keysOfName(flags.file, flags.date && resolveDate(flags.date, now), dayOf(now));
  for (const key of keys) {
    const found = await read(key).catch(undefinedWhenNotFound);
    if (found !== undefined) return found;
  }
  throw fileNotFound(keys[0] ?? { date_prefix: dayOf(now), file_key: flags.file });
}

function undefinedWhenNotFound(error: unknown): undefined {
  if (!(error instanceof Refused && error.statusCode === 404)) throw error;
}
