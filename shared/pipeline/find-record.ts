import type { Table } from '../aws/deps.ts';
import { firstKnown, keysOfName } from './names.ts';
import {
  type RawAttributes,
  type RecordKey,
  readRawRecord,
  readRecord,
  type TrackingRecord,
} from './tracking-table.ts';

/**
 * The record that a name means on a date, in whatever spelling, read consistently.
 *
 * @param key its `file_key` may be the object's name, its key or its `s3://` address
 */
export function findRecord(
  table: Table,
  { date_prefix, file_key }: RecordKey,
): Promise<TrackingRecord | undefined> {
  return firstKnown(keysOfName(file_key, date_prefix, date_prefix), (key) => readRecord(table, key));
}

/** The same in its raw form, since a plan for it is bound to its version. */
export function findRawRecord(
  table: Table,
  { date_prefix, file_key }: RecordKey,
): Promise<RawAttributes | undefined> {
  return firstKnown(keysOfName(file_key, date_prefix, date_prefix), (key) => readRawRecord(table, key));
}
