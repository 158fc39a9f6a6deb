import { paginateQuery, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';
import { readCounters } from '../projection/counter-items.ts';
import type { Counters } from '../projection/counters.ts';
import type { ArrivalsAnswer, ExpectedAnswer, Health } from '../projection/health.ts';
import { headPartitions } from '../projection/items.ts';
import type { PipelineProfile } from '../settings/pipeline-profile.ts';
import { addDays, dayOf, isoTime } from '../text/time.ts';
import { type Expected, expectedUntil, isMissing, knownAnswer } from './expected-files.ts';
import { compareArrivals, type DateArrivals } from './usual-arrivals.ts';

const PARTITION = 'ARRIVED';
const HOUR = 3_600_000;
const KEPT_SECONDS = 100 * 86_400;
/** Eight weeks, and the two dates that are compared with them. */
const MOST_DATES = 60;
const MOST_LAG = 6 * 60_000;
/** The first two dates that are kept may have begun before the projection did. */
const UNWATCHED_DATES = 2;

/** Whether the files of yesterday and today (UTC) have arrived. */
type Came = NonNullable<Health['came']>;

/**
 * Keeps how many files of today and yesterday (UTC) there are at this hour, and compares that with what is usual and what is
 * expected. It runs once an hour and costs two write units and about five read units; an expectation with a prefix costs up
 * to a read unit per ten files until it is met. Counts that are behind the stream lack files that have arrived, so nothing
 * is kept or compared then, and nothing is reported missing.
 *
 * @param before the previous answer
 * @param now milliseconds since the epoch
 * @param behindMillis how far the counts are behind, from `behindBy`
 * @returns the answer for yesterday and today, if anything is known of them
 */
export async function noteArrivals(
  table: Table,
  { compare, expected }: PipelineProfile['arrivals'],
  before: Came | undefined,
  now: number,
  behindMillis?: number,
): Promise<Came> {
  const isBehind = behindMillis !== undefined;
  const kept = await readArrivals(table);
  const history = kept.slice(0, -UNWATCHED_DATES);
  const today = dayOf(now);
  const dates: ArrivalsAnswer[] = [];
  const answers: ExpectedAnswer[] = [];
  for (const date_prefix of [addDays(today, -1), today]) {
    const came = await countFiles(table, date_prefix);
    const hour = Math.floor((now - Date.parse(date_prefix)) / HOUR);
    if (!isBehind) await keep(table, date_prefix, hour, came, now);
    const known = kept.find((date) => date.date_prefix === date_prefix)?.byHour ?? [];
    const date = { date_prefix, byHour: new Map([...known, [hour, came]]) };
    dates.push(compareArrivals(compare && !isBehind ? history : [], date, hour));
    // A projection that began later than the date lacks the files that arrived before.
    if (!kept.some((earlier) => earlier.date_prefix <= addDays(date_prefix, -UNWATCHED_DATES))) continue;
    for (const each of expectedUntil(expected, date_prefix, now))
      answers.push(knownAnswer(before?.expected ?? [], each) ?? (await answerOf(table, each, came)));
  }
  const told = answers.filter((answer) => !isBehind || !isMissing(answer));
  return {
    at: isoTime(now),
    dates: dates.filter(({ came, usual }) => came > 0 || usual !== null),
    ...(told.length > 0 && { expected: told }),
    ...(isBehind && { behind_seconds: behindMillis / 1_000 }),
  };
}

/**
 * How far the consumer is behind while it is catching up, in milliseconds; undefined if it is not. A consumer that wrote
 * nothing for an hour is not catching up: no files arrive, or it is off, which has its own alarm.
 *
 * @param now milliseconds since the epoch
 */
export function behindBy(
  { asOf, lagMillis }: Pick<Counters, 'asOf' | 'lagMillis'>,
  now: number,
): number | undefined {
  if (asOf === undefined || lagMillis === undefined || lagMillis <= MOST_LAG) return undefined;
  return now - (asOf + lagMillis) <= HOUR ? lagMillis : undefined;
}

async function countFiles(table: Table, date_prefix: string): Promise<number> {
  const counts = (await readCounters(table, date_prefix, 'eventual')).file;
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

async function answerOf(table: Table, expected: Expected, ofDate: number): Promise<ExpectedAnswer> {
  const { date_prefix, prefix, at_least } = expected;
  const came = prefix === undefined ? ofDate : await countBegun(table, date_prefix, prefix, at_least);
  return { ...expected, came };
}

/** How many files of a date have keys with this prefix, counted by their heads, up to a maximum. */
async function countBegun({ docs, name }: Table, date: string, prefix: string, most: number) {
  let found = 0;
  for (const { entity, pk } of headPartitions(date)) {
    if (entity !== 'file') continue;
    const query = {
      TableName: name,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      // Removed files leave heads behind.
      FilterExpression: 'attribute_not_exists(expires_at)',
      ExpressionAttributeValues: { ':pk': pk, ':prefix': prefix },
      Select: 'COUNT' as const,
    };
    for await (const { Count = 0 } of paginateQuery({ client: docs }, query)) {
      found += Count;
      if (found >= most) return most;
    }
  }
  return found;
}

async function keep({ docs, name }: Table, date: string, hour: number, came: number, now: number) {
  await docs.send(
    new UpdateCommand({
      TableName: name,
      Key: { pk: PARTITION, sk: date },
      UpdateExpression: 'SET #hour = :came, expires_at = :expires',
      ExpressionAttributeNames: { '#hour': `h${hour}` },
      ExpressionAttributeValues: { ':came': came, ':expires': Math.floor(now / 1_000) + KEPT_SECONDS },
    }),
  );
}

async function readArrivals({ docs, name }: Table): Promise<DateArrivals[]> {
  const { Items = [] } = await docs.send(
    new QueryCommand({
      TableName: name,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': PARTITION },
      ScanIndexForward: false,
      Limit: MOST_DATES,
    }),
  );
  return Items.map(({ sk, ...hours }) => ({ date_prefix: String(sk), byHour: byHourOf(hours) }));
}

function byHourOf(hours: Readonly<Record<string, unknown>>): Map<number, number> {
  const known = Object.entries(hours).flatMap(([name, count]) =>
    /^h\d+$/.test(name) && typeof count === 'number' ? [[Number(name.slice(1)), count] as const] : [],
  );
  return new Map(known);
}
