import { datesBetween } from './calendar.ts';
import { recordKind } from './record.ts';
import { isSinceBefore } from './since.ts';
import { type DateRange, eachByStatus } from './status-index.ts';
import {
  queryDate,
  type RecordKey,
  type RecordPage,
  type TrackingRecord,
  type TrackingTable,
} from './tracking-table.ts';

const PAGE_SIZE = 1_000;

/** Which files are listed. */
export interface FileSelection {
  /** Without suffix. Without a status, both ends of the range are needed. */
  readonly status?: string | undefined;
  readonly range: DateRange;
  /** Only files that have had their status since before it, in milliseconds since the epoch. */
  readonly sinceBefore?: number | undefined;
}

/**
 * Files by date, to the last one, holding no more than a page of them.
 *
 * @param suffixes shard suffixes known beyond the usual ones
 */
export async function* eachFile(
  table: TrackingTable,
  { status, range, sinceBefore }: FileSelection,
  suffixes: readonly string[],
): AsyncGenerator<TrackingRecord, void> {
  const files =
    status === undefined
      ? eachOfDates(table, range)
      : eachByStatus(table, { kind: 'file', status, suffixes, range }, PAGE_SIZE);
  for await (const file of files) {
    if (sinceBefore === undefined || isSinceBefore(file, sinceBefore)) yield file;
  }
}

async function* eachOfDates(table: TrackingTable, { start, end }: DateRange): AsyncGenerator<TrackingRecord> {
  if (!start || !end) throw new TypeError('Files of every status are listed between two dates.');
  for (const date of datesBetween(start, end)) yield* eachOfDate(table, date);
}

/** The files of one date, in key order. */
async function* eachOfDate(table: TrackingTable, date: string): AsyncGenerator<TrackingRecord> {
  let next: RecordKey | undefined;
  do {
    const page: RecordPage = await queryDate(table, date, PAGE_SIZE, next);
    yield* page.records.filter(({ date_prefix, file_key }) => recordKind(date_prefix, file_key) === 'file');
    next = page.next;
  } while (next);
}
