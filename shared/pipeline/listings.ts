import type { Table, TrackingTable } from '../aws/deps.ts';
import { pages } from '../flow/pages.ts';
import { recordKind } from './record.ts';
import type { Status } from './status.ts';
import { type DateRange, eachByStatus, type KnownSuffixes } from './status-index.ts';
import { queryDate, type RecordKey, type TrackingRecord } from './tracking-table.ts';

const PAGE_SIZE = 1_000;

/** Which files are listed: those of a status, without suffix, or all of some dates. */
export type FileSelection =
  | { readonly status: string; readonly range: DateRange }
  | { readonly dates: readonly string[] };

/** All files by date, holding no more than a page of them. */
export function eachFile(
  table: TrackingTable,
  selection: FileSelection,
  suffixes: KnownSuffixes,
): AsyncGenerator<TrackingRecord, void> {
  return 'dates' in selection
    ? eachOfDates(table, selection.dates)
    : eachByStatus(table, { kind: 'file', suffixes, ...selection }, PAGE_SIZE);
}

async function* eachOfDates(table: Table, dates: readonly string[]): AsyncGenerator<TrackingRecord> {
  for (const date of dates) yield* eachOfDate(table, date);
}

/** The files of one date, in key order. */
async function* eachOfDate(table: Table, date: string): AsyncGenerator<TrackingRecord> {
  const load = (cursor: RecordKey | undefined) => queryDate(table, date, PAGE_SIZE, cursor);
  for await (const { records } of pages(load)) {
    yield* records.filter((record) => recordKind(record) === 'file');
  }
}

/** The statuses of manifests, those first that an operator looks for; the last two are unusual. */
export const MANIFEST_STATUSES = [
  'processing',
  'pending',
  'failed',
  'completed',
  'manifested',
  'quarantined',
] as const satisfies Status[];

/** Which manifests are listed. */
export interface ManifestSelection {
  readonly statuses: readonly string[];
  readonly range: DateRange;
}

/** All manifest records by status and date, holding no more than a page of them. */
export async function* eachManifest(
  table: TrackingTable,
  { statuses, range }: ManifestSelection,
  suffixes: KnownSuffixes,
): AsyncGenerator<TrackingRecord, void> {
  for (const status of statuses) {
    yield* eachByStatus(table, { kind: 'manifest', status, suffixes, range });
  }
}
