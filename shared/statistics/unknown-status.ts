import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import type { Deps, Table } from '../aws/deps.ts';
import type { Entity } from '../pipeline/record.ts';
import { isStatus, parseStatus, STATUSES } from '../pipeline/status.ts';
import type { DateRange } from '../pipeline/status-index.ts';
import { keyOf, type RecordKey, readRecord, type TrackingRecord } from '../pipeline/tracking-table.ts';
import { readCounters } from '../projection/counter-items.ts';
import { listDates } from '../projection/dates.ts';
import { headKeyCondition } from '../projection/head-range.ts';
import { headPartitions } from '../projection/items.ts';
import { compareBytes } from '../text/byte-order.ts';

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

/** A record, or, without one, the end of a part of a date. */
export interface UnknownStep {
  readonly record?: TrackingRecord;
  /** The listing can continue after this key. */
  readonly key: RecordKey;
}

/**
 * The same, with the end of each part of a date, because there may be many large dates with hardly any such record: a
 * caller that runs out of time continues after it. A part is one page of each of its partitions, up to 1 MB each.
 */
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
    let name = date === after?.date_prefix ? after.file_key : '';
    for (let isOver = counters[entity].unknown === 0; !isOver; ) {
      const { keys, until } = await unknownKeys(projection, entity, date, name);
      for await (const record of stillUnknown(deps.tracking, keys)) yield { record, key: keyOf(record) };
      isOver = until === undefined;
      name = until ?? AFTER_ALL;
      if (!isOver) yield { key: { date_prefix: date, file_key: name } };
    }
    yield { key: whole };
  }
}

// Sorts after every possible name.
const AFTER_ALL = '\u{10ffff}';

/** The keys of a part of a date's live heads whose status is none of the six. */
interface UnknownPart {
  readonly keys: readonly RecordKey[];
  /** The last key that was read; undefined at the end of the date. */
  readonly until: string | undefined;
}

/** One page of each partition, up to the first key at which a page ends; what lies beyond it is read again. */
async function unknownKeys(
  table: Table,
  entity: Entity,
  date_prefix: string,
  after: string,
): Promise<UnknownPart> {
  const partitions = headPartitions(date_prefix).filter((partition) => partition.entity === entity);
  const pages = await pMap(partitions, ({ pk }) => unknownPage(table, pk, after));
  const until = pages.flatMap(({ last = [] }) => last).sort(compareBytes)[0];
  const keys = pages.flatMap(({ names }) => names).filter((name) => !until || compareBytes(name, until) <= 0);
  return { keys: keys.sort(compareBytes).map((file_key) => ({ date_prefix, file_key })), until };
}

async function unknownPage(table: Table, pk: string, after: string) {
  const known = Object.fromEntries(STATUSES.map((status, i) => [`:s${i}`, status]));
  const { KeyConditionExpression, ExpressionAttributeValues } = headKeyCondition(pk, { after });
  const { Items = [], LastEvaluatedKey } = await table.docs.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression,
      FilterExpression: `attribute_not_exists(expires_at) AND NOT #status IN (${Object.keys(known).join(', ')})`,
      ProjectionExpression: 'sk',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ...ExpressionAttributeValues, ...known },
      ConsistentRead: true,
    }),
  );
  return {
    names: Items.map(({ sk }) => String(sk)),
    last: LastEvaluatedKey && [String(LastEvaluatedKey.sk)],
  };
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
