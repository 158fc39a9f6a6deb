import pMap, { pMapIterable } from 'p-map';
import type { Table } from '../aws/deps.ts';
import { HEAD_SINCE } from '../pipeline/head-since.ts';
import { pastTime, sinceOf } from '../pipeline/record.ts';
import { parseStatus } from '../pipeline/status.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { liveStatus } from './head.ts';
import { readHead } from './projection-table.ts';

const CONCURRENT_READS = 16;

/**
 * A record, with the time from its head if none of its own times can be read. The head has the time at which the stream
 * recorded the change. It is read only for such a record, and used only if it has the record's status; otherwise its time
 * belongs to another status.
 *
 * @param now milliseconds since the epoch
 */
export async function withHeadSince(
  projection: Table,
  record: TrackingRecord,
  now: number,
): Promise<TrackingRecord> {
  if (HEAD_SINCE in record || sinceOf(record, now) !== undefined) return record;
  const head = await readHead(projection, record);
  const isSame = liveStatus(head) === parseStatus(record.status).status;
  return { ...record, [HEAD_SINCE]: isSame ? pastTime(head?.since, now) : undefined };
}

/** The same for a page of records. */
export function withHeadTimes(
  projection: Table,
  records: readonly TrackingRecord[],
  now: number,
): Promise<TrackingRecord[]> {
  return pMap(records, (record) => withHeadSince(projection, record, now), { concurrency: CONCURRENT_READS });
}

/** The same for any number of records, in order; only those being read are held in memory. */
export function eachWithHeadTime(
  projection: Table,
  records: AsyncIterable<TrackingRecord>,
  now: number,
): AsyncIterable<TrackingRecord> {
  return pMapIterable(records, (record) => withHeadSince(projection, record, now), {
    concurrency: CONCURRENT_READS,
  });
}

/** What `eachOlder` looks for. */
export interface AgeLimit {
  /** Milliseconds since the epoch. */
  readonly sinceBefore: number;
  readonly now: number;
  /** Called with each record of unknown age, which is not returned. */
  onAgeUnknown(record: TrackingRecord): void;
}

/** The records that have had their status since before a moment. */
export async function* eachOlder(
  projection: Table,
  records: AsyncIterable<TrackingRecord>,
  { sinceBefore, now, onAgeUnknown }: AgeLimit,
): AsyncGenerator<TrackingRecord, void> {
  for await (const record of eachWithHeadTime(projection, records, now)) {
    const since = sinceOf(record, now);
    if (since === undefined) onAgeUnknown(record);
    else if (Date.parse(since) < sinceBefore) yield record;
  }
}
