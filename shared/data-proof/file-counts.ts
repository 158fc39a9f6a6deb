import type { Table } from '../aws/deps.ts';
import { bareName } from '../pipeline/names.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { writeOf } from './date-rows.ts';
import { linesId } from './input-lines.ts';
import type { FileProof } from './kept-proof.ts';
import { type KeptItems, readKeptItems } from './kept-rows.ts';
import { parseSource, plainestSpelling } from './source-name.ts';

/** What went into a file's conversion and came out of it. It is plain JSON. */
export interface FileCounts {
  /** Of its input; null: not counted. */
  readonly lines: number | null;
  readonly rows: number;
  /** Bare names of the objects that hold them. */
  readonly objects: readonly string[];
}

/** The stored data of a date is read as a whole: about a megabyte for this many files. */
const MOST_FILES = 20_000;

/**
 * Counts the lines and rows of a file from the stored data of its date: no object is read.
 *
 * @returns undefined where the date has too many files to read for one, or the stored data does not agree with the
 *   proof
 */
export async function readFileCounts(
  table: Table,
  { proof, finding }: FileProof,
  record: TrackingRecord,
  now: number,
): Promise<FileCounts | undefined> {
  if (finding) {
    const { lines, rows, objects } = finding;
    return { lines, rows, objects: objects.map(({ uri }) => bareName(uri)) };
  }
  const files = Object.values(proof.files).reduce((sum, count) => sum + count, 0);
  return files > MOST_FILES
    ? undefined
    : countsIn(await readKeptItems(table, record.date_prefix), record, now);
}

/** Pure. A healthy file has the rows of one write; further rows are from an object that no longer exists. */
function countsIn(
  { readings, lines }: KeptItems,
  record: TrackingRecord,
  now: number,
): FileCounts | undefined {
  const name = plainestSpelling(record.file_key);
  const objects = new Set<string>();
  const writes = new Set<string | undefined>();
  let rows = 0;
  for (const reading of readings.values()) {
    if (reading.state !== 'read') continue;
    for (const [uri, count] of reading.sources) {
      if (parseSource(uri).plainest !== name) continue;
      rows += count;
      objects.add(bareName(reading.object.key));
      writes.add(writeOf(reading.object));
    }
  }
  const counted = lines.get(linesId(record, now));
  const agrees = rows > 0 && writes.size === 1 && (counted === undefined || counted === rows);
  return agrees ? { lines: counted ?? null, rows, objects: [...objects].sort() } : undefined;
}
