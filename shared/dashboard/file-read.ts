import type { Read } from '../page-kit/card.ts';
import { keysOfName } from '../pipeline/names.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import { dayOf } from '../text/time.ts';
import { fileAnswer, timelineAnswer } from './answers.ts';
import type { OneFile } from './file-view.ts';
import { readAnswer } from './read.ts';
import type { Source } from './source.ts';
import type { ViewRequest } from './view-request.ts';

/** Three reads: its head and its record for the timeline, and the record itself; one more where it is long. */
export async function readFile({ date_prefix, file_key }: RecordKey, source: Source): Promise<OneFile> {
  const key = { date_prefix, file_key };
  const [timeline, record] = await Promise.all([
    readAnswer(source, { operation: 'get_processing_timeline', ...key }, timelineAnswer),
    readAnswer(source, { operation: 'get_file_state', ...key }, fileAnswer),
  ]);
  return { date: date_prefix, file: file_key, timeline, record: fileOf(record) };
}

/** The file that a name means: whichever of its possible keys is known, else the likeliest. */
export async function findFile(
  { name, date }: Extract<ViewRequest, { view: 'find' }>,
  source: Source,
): Promise<OneFile | undefined> {
  const keys = keysOfName(name.trim(), date, dayOf(source.now));
  let first: OneFile | undefined;
  for (const key of keys) {
    const found = await readFile(key, source);
    if (found.timeline.kind !== 'absent') return found;
    first ??= found;
  }
  return first;
}

function fileOf(read: Read<{ file: { date_prefix: string; file_key: string } }>): OneFile['record'] {
  return read.kind === 'read' ? { kind: 'read', value: read.value.file } : read;
}
