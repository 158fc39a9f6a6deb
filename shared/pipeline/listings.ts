import type { Table } from '../aws/deps.ts';
import { pages } from '../flow/pages.ts';
import { datesBetween } from '../text/time.ts';
import { recordKind } from './record.ts';
import type { Status } from './status.ts';
import { type DateRange, eachByStatus } from './status-index.ts';
import { queryDate, type RecordKey, type TrackingRecord } from './tracking-table.ts';

const PAGE_SIZE = 1_000;

/** Which files are listed. */
export interface FileSelection {
  /** Without suffix. Without a status, both ends of the range are needed. */
  readonly status?: string | undefined;
  readonly range: DateRange;
}

/**
 * Files by date, to the last one, holding no more than a page of them.
 *
 * @param suffixes shard suffixes known beyond the usual ones
 */
export function eachFile(
  table: Table,
  { status, range }: FileSelection,
  suffixes: readonly string[],
): AsyncGenerator<TrackingRecord, void> {
  return status === undefined
    ? eachOfDates(table, range)
    : eachByStatus(table, { kind: 'file', status, suffixes, range }, PAGE_SIZE);
}

async function* eachOfDates(table: Table, { start, end }: DateRange): AsyncGenerator<TrackingRecord, void> {
  if (!start || !end) throw new TypeError('Files of every status are listed between two dates.');
  for (const date of datesBetween(start, end)) yield* eachOfDate(table, date);
}

/** The files of one date, in key order. */
async function* eachOfDate(table: Table, date: string): AsyncGenerator<TrackingRecord> {
  const load = (cursor: RecordKey | undefined) => queryDate(table, date, PAGE_SIZE, cursor);
  for await (const { records } of pages(load)) {
    yield* records.filter((record) => recordKind(record) === 'file');
  }
}

/** The statuses of manifests, those first that an operator looks for. */
export const MANIFEST_STATUSES = ['processing', 'pending', 'failed', 'completed'] as const satisfies Status[];

/** Which manifests are listed. */
export interface ManifestSelection {
  readonly statuses: readonly string[];
  readonly range: DateRange;
}

/** Manifest records by status and date, to the last one, holding no more than a page of them. */
export async function* eachManifest(
  table: Table,
  { statuses, range }: ManifestSelection,
): AsyncGenerator<TrackingRecord, void> {
  for (const status of statuses) {
    yield* eachByStatus(table, { kind: 'manifest', status, suffixes: [], range });
  }
}
