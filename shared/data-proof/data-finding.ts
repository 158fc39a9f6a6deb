import { uriOf } from '../pipeline/storage.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import { countOf } from '../text/number-text.ts';
import { type RowsInObject, writeOf } from './date-rows.ts';
import { type Judgement, rowsOf } from './judge-rows.ts';

/** What is reported about a file: a problem, or the result for a file that was named. */
type ToldKind = Judgement['kind'];

/** What the rows say about a file. It is plain JSON. */
export interface DataFinding extends RecordKey {
  readonly type: ToldKind;
  /** The status in its record, without shard suffix; null: there is no record. */
  readonly status: string | null;
  readonly rows: number;
  /** The lines of its input; null: not counted. */
  readonly lines: number | null;
  readonly manifest: string | null;
  /** The first objects that hold its rows. */
  readonly objects: readonly HeldRows[];
  readonly message: string;
}

/** Rows of a file in one object. */
export interface HeldRows {
  readonly uri: string;
  /** Where they say that they came from, as the object has it. */
  readonly source: string;
  readonly rows: number;
  /** The id of the write that made the object; null: its name has none. */
  readonly write: string | null;
  /** Whether these rows are surplus: another write, which should stay, has all rows of the file. */
  readonly surplus: boolean;
}

const MOST_OBJECTS = 20;

/** What a finding is made from. */
export interface Found extends RecordKey {
  readonly type: ToldKind;
  readonly status: string | null;
  readonly parts: readonly RowsInObject[];
  readonly lines: number | undefined;
  readonly manifest: string | null;
}

export function dataFinding({
  date_prefix,
  file_key,
  type,
  status,
  parts,
  lines,
  manifest,
}: Found): DataFinding {
  const rows = rowsOf(parts);
  const kept = type === 'twice' ? keptWrite(parts, lines) : undefined;
  const objects = parts.slice(0, MOST_OBJECTS).map(({ source, object, rows }) => {
    const write = writeOf(object) ?? null;
    return { uri: uriOf(object), source, rows, write, surplus: kept !== undefined && write !== kept };
  });
  const message = messageOf(type, rows, lines, status, countWrites(parts));
  return { date_prefix, file_key, type, status, rows, lines: lines ?? null, manifest, objects, message };
}

/** The first write that has as many rows as there are lines, or else the one with the most: the others are surplus. */
function keptWrite(parts: readonly RowsInObject[], lines: number | undefined): string | undefined {
  const writes = new Map<string, number>();
  for (const { object, rows } of [...parts].sort((a, b) => a.object.modified - b.object.modified)) {
    const write = writeOf(object);
    if (write !== undefined) writes.set(write, (writes.get(write) ?? 0) + rows);
  }
  if (writes.size < 2) return undefined;
  const wanted = lines ?? Math.max(...writes.values());
  return [...writes].find(([, rows]) => rows === wanted)?.[0];
}

function countWrites(parts: readonly RowsInObject[]): number {
  return new Set(parts.map(({ object }) => writeOf(object))).size;
}

function messageOf(
  type: ToldKind,
  rows: number,
  lines: number | undefined,
  status: string | null,
  writes: number,
): string {
  const counted = countOf(rows, 'row');
  const inputLines = countOf(lines ?? 0, 'line');
  switch (type) {
    case 'lost':
      return 'It is completed, but no row of it is in the output.';
    case 'partly':
      return `Its input has ${inputLines}, but the output only ${counted} of it.`;
    case 'twice':
      return writes > 1
        ? `${counted} of it come from ${writes} jobs${lines === undefined ? '' : `; its input has ${inputLines}`}.`
        : `The output has ${counted} of it, but its input only ${inputLines}.`;
    case 'whole':
      return `${inputLines} in, ${counted} out.`;
    case 'present':
      return `The output has ${counted} of it; its lines were not counted.`;
    case 'young':
      return `It changed a moment ago; the output has ${counted} of it.`;
    case 'unknown':
      return 'No row of it was found, and not all of the output can be read.';
    case 'converted':
      return `The output has ${counted} of it, but its record still says ${status}.`;
    case 'nothing':
      return `Its record says ${status}, so no rows are expected; the output has ${counted}.`;
    case 'expired':
      return `The output has ${counted} of it, and its record has expired.`;
    case 'unexpected':
      return status === null
        ? `The output has ${counted} of it, but it has no record.`
        : `The output has ${counted} of it, but its record says ${status}.`;
  }
}
