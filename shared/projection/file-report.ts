import type { Deps } from '../aws/deps.ts';
import type { FailureClass } from '../pipeline/failure-class.ts';
import { recordKind } from '../pipeline/record.ts';
import { failureOfFile } from '../pipeline/record-failure.ts';
import { type RecordKey, readRecord, type TrackingRecord } from '../pipeline/tracking-table.ts';
import { type Drift, driftOf } from './drift.ts';
import type { Head } from './head.ts';
import { readHead } from './projection-table.ts';

/** What both tables know of one file or manifest, each read consistently. */
export interface FileReport {
  readonly key: RecordKey;
  readonly record: TrackingRecord | undefined;
  readonly head: Head | undefined;
  /** Undefined if the two agree. Right after a change they differ for a moment. */
  readonly drift: Drift | undefined;
  /** Why it failed or was refused, according to its record; undefined for a file in another status and for a manifest. */
  readonly failure: FailureClass | undefined;
}

/** @returns undefined if neither table knows it */
export async function reportFile(
  { tracking, projection }: Pick<Deps, 'tracking' | 'projection'>,
  key: RecordKey,
): Promise<FileReport | undefined> {
  const [record, head] = await Promise.all([readRecord(tracking, key), readHead(projection, key)]);
  if (!record && !head) return undefined;
  const failure = record && recordKind(record) === 'file' ? failureOfFile(record) : undefined;
  return { key, record, head, drift: driftOf(head, record), failure };
}
