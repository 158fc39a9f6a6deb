import { recordKind } from '../pipeline/record.ts';
import {
  type RecordKey,
  readRecord,
  type TrackingRecord,
  type TrackingTable,
} from '../pipeline/tracking-table.ts';
import { type Drift, driftOf } from './drift.ts';
import type { Head } from './head.ts';
import { type ProjectionTable, readHead } from './projection-table.ts';

/** What both tables hold of one file or manifest, each read consistently. */
export interface FileReport {
  readonly key: RecordKey;
  readonly record: TrackingRecord | undefined;
  readonly head: Head | undefined;
  /** Undefined when the two agree. Right after a change they differ for a moment. */
  readonly drift: Drift | undefined;
}

/** @returns undefined when neither table knows it */
export async function reportFile(
  tracking: TrackingTable,
  projection: ProjectionTable,
  key: RecordKey,
): Promise<FileReport | undefined> {
  const { date_prefix: datePrefix, file_key: fileKey } = key;
  const entity = recordKind(datePrefix, fileKey) === 'manifest' ? 'manifest' : 'file';
  const [record, head] = await Promise.all([
    readRecord(tracking, key),
    readHead(projection, entity, { datePrefix, fileKey }),
  ]);
  return record || head ? { key, record, head, drift: driftOf(head, record) } : undefined;
}
