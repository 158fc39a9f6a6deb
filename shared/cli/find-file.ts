import * as z from 'zod';
import { findByPart } from '../pipeline/find-by-part.ts';
import { dateOfName, firstKnown, keysOfName } from '../pipeline/names.ts';
import { fileNotFound } from '../pipeline/record.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import { latestDates } from '../projection/dates.ts';
import { countOf } from '../text/number-text.ts';
import { Refused } from '../text/refused.ts';
import { fileArgs, shellWord } from '../text/shell-text.ts';
import { dayOf, resolveDate } from '../text/time.ts';
import { visibleText } from '../text/visible-text.ts';
import type { RunContext } from './command.ts';
import { date } from './dates.ts';

const FILE_TEXTS = {
  description: 'The file',
  alias: 'file-key',
  allowed: 'a file_key, an object key, an s3:// address, or a part of a name that only one file has',
};
const file = z.string().min(1);

/** The flag for one file, where something else may be given instead. */
export const optionalFile = file.optional().meta(FILE_TEXTS);

/** Flags that name one file; `findFile` reads them. */
export const fileFlags = {
  file: file.meta(FILE_TEXTS),
  date: date.describe('Its date, if its name has none').meta({ alias: 'date-prefix' }),
};

/** The values of `fileFlags`. */
interface FileValues {
  readonly file: string;
  readonly date?: string | undefined;
  /** Set where the file is changed: then no name is guessed. */
  readonly apply?: boolean | undefined;
}

/**
 * Does something with the file or manifest that was named, in whatever spelling; a part of the name is enough where
 * only one has it, and nothing is written.
 *
 * @param find throws FILE_NOT_FOUND where nothing has that name
 * @throws Refused with the candidates when several have the part, or when the one that has it would be changed
 */
export async function byName<T>(
  context: Pick<RunContext, 'deps' | 'note' | 'now' | 'nameFile'>,
  flags: FileValues,
  find: (named: RecordKey) => Promise<T>,
): Promise<T> {
  const { deps, note, now, nameFile } = context;
  try {
    return await find(namedFile(flags, now));
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== 'FILE_NOT_FOUND') throw error;
    const meant = await meantBy(deps, flags, now);
    if (!meant) throw error;
    if (flags.apply) throw guessed(flags.file, meant);
    note(visibleText(`Found: ${meant.file_key} of ${meant.date_prefix}.`));
    nameFile(flags.file, meant);
    return find(meant);
  }
}

/** The file in the form of an operation's request; the operation tries every spelling by itself. */
function namedFile({ file, date }: FileValues, now: number): RecordKey {
  const date_prefix = date ? resolveDate(date, now) : (dateOfName(file) ?? dayOf(now));
  return { date_prefix, file_key: file };
}

/** The file that has a part of a name; undefined when none has it. */
async function meantBy(
  { tracking, projection }: Pick<RunContext['deps'], 'tracking' | 'projection'>,
  { file, date, apply = false }: FileValues,
  now: number,
): Promise<RecordKey | undefined> {
  const day = date ? resolveDate(date, now) : dateOfName(file);
  const dates = day === undefined ? await latestDates(projection, now) : [day];
  const { keys, isWhole } = await findByPart(tracking, file, dates);
  if (keys.length > 1) throw ambiguous(file, keys, isWhole, apply);
  return keys[0];
}

function ambiguous(
  part: string,
  keys: readonly RecordKey[],
  isWhole: boolean,
  mustBeWhole: boolean,
): Refused {
  const count = isWhole ? countOf(keys.length, 'name') : `more than ${countOf(keys.length, 'name')}`;
  const lines = keys.map(({ date_prefix, file_key }) =>
    fileArgs(date_prefix, file_key).map(shellWord).join(' '),
  );
  return new Refused(
    'AMBIGUOUS_NAME',
    `"${part}" is a part of ${count}; allowed: ${mustBeWhole ? 'a whole name, because --apply writes' : 'a part of only one'}.`,
    [
      mustBeWhole ? 'Give one of these:' : 'Give a longer part, the --date, or one of these:',
      ...lines.map((line) => `  ${visibleText(line)}`),
    ].join('\n'),
  );
}

function guessed(part: string, { date_prefix, file_key }: RecordKey): Refused {
  const line = fileArgs(date_prefix, file_key).map(shellWord).join(' ');
  return new Refused(
    'AMBIGUOUS_NAME',
    `"${part}" is only a part of a name; to change a file, give its whole name.`,
    `If you mean this one:\n  ${visibleText(line)}`,
  );
}

/**
 * What is known about the file that was named, in whatever spelling, or by a part of its name.
 *
 * @param read undefined when there is no such file
 * @throws Refused when there is none under any spelling
 */
export function findFile<T>(
  context: Pick<RunContext, 'deps' | 'note' | 'now' | 'nameFile'>,
  flags: FileValues,
  read: (key: RecordKey) => Promise<T | undefined>,
): Promise<T> {
  return byName(context, flags, async (named) => {
    const found = await firstKnown(keysOfName(named.file_key, named.date_prefix, named.date_prefix), read);
    if (found !== undefined) return found;
    throw fileNotFound(named);
  });
}
