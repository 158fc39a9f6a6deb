import { bareName } from '../pipeline/names.ts';
import { sinceOf } from '../pipeline/record.ts';
import { failureOfFile } from '../pipeline/record-failure.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import type { FileOrder } from './requests.ts';

/** A group of files that have the same error or the same manifest. */
export interface FileGroup {
  /** Empty for files that have none. */
  readonly id: string;
  readonly label: string;
}

/** The group of a file in that order; undefined if the order makes no groups. */
export function groupOf(record: TrackingRecord, order: FileOrder | undefined): FileGroup | undefined {
  if (order === 'manifest') return manifestGroup(record);
  if (order !== 'error') return undefined;
  const failure = failureOfFile(record);
  return failure ? { id: failure.id, label: failure.text } : { id: '', label: 'no failure' };
}

function manifestGroup({ manifest_path: path }: TrackingRecord): FileGroup {
  const isPath = typeof path === 'string' && path !== '';
  return isPath ? { id: path, label: bareName(path) } : { id: '', label: 'no manifest' };
}

/**
 * Sorts files. Equal ones keep their order. Files of unknown age come last, so that none is taken for the oldest. The
 * largest group comes first; within a group, the file that has waited longest.
 */
export function inOrder(
  records: readonly TrackingRecord[],
  order: FileOrder | undefined,
  now: number,
): readonly TrackingRecord[] {
  switch (order) {
    case undefined:
      return records;
    case 'name':
      return records.toSorted((a, b) => compare(a.file_key, b.file_key));
    case 'age':
      return byTime(records, now, 1);
    case 'newest':
      return byTime(records, now, -1);
    case 'error':
    case 'manifest':
      return byGroup(byTime(records, now, 1), order);
  }
}

function byTime(records: readonly TrackingRecord[], now: number, sign: 1 | -1): readonly TrackingRecord[] {
  const timed = records.map((record) => ({ record, since: sinceOf(record, now) }));
  const known = timed.filter(({ since }) => since !== undefined);
  const sorted = known.toSorted((a, b) => sign * compare(a.since ?? '', b.since ?? ''));
  return [...sorted, ...timed.filter(({ since }) => since === undefined)].map(({ record }) => record);
}

function byGroup(records: readonly TrackingRecord[], order: FileOrder): readonly TrackingRecord[] {
  const groups = new Map<string, TrackingRecord[]>();
  for (const record of records) {
    const id = groupOf(record, order)?.id ?? '';
    const files = groups.get(id);
    if (files) files.push(record);
    else groups.set(id, [record]);
  }
  const sorted = [...groups].toSorted(
    ([a, ofA], [b, ofB]) => Number(a === '') - Number(b === '') || ofB.length - ofA.length,
  );
  return sorted.flatMap(([, files]) => files);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
