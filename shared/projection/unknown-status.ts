import { paginateQuery } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import type { Deps, Table } from '../aws/deps.ts';
import type { Entity } from '../pipeline/record.ts';
import { isStatus, parseStatus, STATUSES } from '../pipeline/status.ts';
import type { DateRange } from '../pipeline/status-index.ts';
import { keyOf, type RecordKey, readRecord, type TrackingRecord } from '../pipeline/tracking-table.ts';
import { readCounters } from './counter-items.ts';
import { listDates } from './dates.ts';
import { headPartitions } from './items.ts';

const CONCURRENT_READS = 16;

/** Which records are listed. */
export interface UnknownQuery {
  readonly entity: Entity;
  readonly range: DateRange;
  /** The listing continues after this one, in its order: by date, then by key. */
  readonly after?: RecordKey | undefined;
}

/**
 * The records that are counted as `unknown`: their status is none of the six, not text, or missing. The index has no records
 * without a status, and cannot be queried for unknown values. The heads include all of them, because heads are what is
 * counted. So the heads of all dates whose counters have any are read; it costs as many read units as those heads take.
 */
export async function* eachUnknown(
  deps: Pick<Deps, 'tracking' | 'projection'>,
  query: UnknownQuery,
): AsyncGenerator<TrackingRecord, void> {
  for await (const { record } of eachUnknownStep(deps, query)) if (record) yield record;
}

/** A record, or, without one, the end of a date. */
export interface UnknownStep {
  readonly record?: TrackingRecord;
  /** The listing can continue after this key. */
  readonly key: RecordKey;
}

/** The same, with the end of each date, because there may be many large dates with hardly any such record. */
export async function* eachUnknownStep(
  deps: Pick<Deps, 'tracking' | 'projection'>,
  { entity, range: { start = '', end }, after }: UnknownQuery,
): AsyncGenerator<UnknownStep, void> {
  const { projection } = deps;
  if ((await readCounters(projection, undefined))[entity].unknown === 0) return;
  const from = after && after.date_prefix > start ? after.date_prefix : start;
  const dates = await listDates(projection);
  for (const date of dates.filter((each) => each >= from && (end === undefined || each <= end))) {
    const whole = { date_prefix: date, file_key: AFTER_ALL };
    if (date === after?.date_prefix && after.file_key === AFTER_ALL) continue;
    const counters = await readCounters(projection, date);
    if (counters[entity].unknown > 0) {
      const keys = await unknownKeys(projection, entity, date);
      const open = keys.filter(({ file_key }) => date !== after?.date_prefix || file_key > after.file_key);
      for await (const record of stillUnknown(deps.tracking, open)) yield { record, key: keyOf(record) };
    }
    yield { key: whole };
  }
}

// Sorts after every possible name.
const AFTER_ALL = '\u{10ffff}';

/** The keys of a date's live heads whose status is none of the six. */
async function unknownKeys(table: Table, entity: Entity, date_prefix: string): Promise<RecordKey[]> {
  const known = Object.fromEntries(STATUSES.map((status, i) => [`:s${i}`, status]));
  const partitions = headPartitions(date_prefix).filter((partition) => partition.entity === entity);
  const keys = await pMap(partitions, async ({ pk }) => {
    const found: RecordKey[] = [];
    const query = {
      TableName: table.name,
      KeyConditionExpression: 'pk = :pk',
      FilterExpression: `attribute_not_exists(expires_at) AND NOT #status IN (${Object.keys(known).join(', ')})`,
      ProjectionExpression: 'sk',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':pk': pk, ...known },
      ConsistentRead: true,
    };
    for await (const { Items = [] } of paginateQuery({ client: table.docs }, query)) {
      found.push(...Items.map(({ sk }) => ({ date_prefix, file_key: String(sk) })));
    }
    return found;
  });
  return keys.flat().sort((a, b) => (a.file_key < b.file_key ? -1 : 1));
}

/** Leaves out records that have moved on in the meantime. */
async function* stillUnknown(table: Table, keys: readonly RecordKey[]): AsyncGenerator<TrackingRecord, void> {
  for (let from = 0; from < keys.length; from += CONCURRENT_READS) {
    const records = await Promise.all(
      keys.slice(from, from + CONCURRENT_READS).map((key) => readRecord(table, key)),
    );
    for (const record of records) {
      if (record && !isStatus(parseStatus(record.status).status)) yield record;
    }
  }
}
