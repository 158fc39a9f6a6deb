import { datesBetween } from '../text/time.ts';
import { isSinceBefore, recordKind } from './record.ts';
import type { Status } from './status.ts';
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

/** The statuses of manifests, those first that an operator looks for. */
export const MANIFEST_STATUSES = ['processing', 'pending', 'failed', 'completed'] as const satisfies Status[];

/** Which manifests are listed. */
export interface ManifestSelection {
  readonly statuses: readonly string[];
  readonly range: DateRange;
  /** Only those that have had their status since before it, in milliseconds since the epoch. */
  readonly sinceBefore?: number | undefined;
}

/** Manifest records by status and date, to the last one, holding no more than a page of them. */
export async function* eachManifest(
  table: TrackingTable,
  { statuses, range, sinceBefore }: ManifestSelection,
): AsyncGenerator<TrackingRecord, void> {
  for (const status of statuses) {
    const manifests = eachByStatus(table, { kind: 'manifest', status, suffixes: [], range });
    for await (const manifest of manifests) {
      if (sinceBefore === undefined || isSinceBefore(manifest, sinceBefore)) yield manifest;
    }
  }
}
