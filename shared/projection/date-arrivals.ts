import { QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';
import { addDays, dayOf } from '../text/time.ts';
import { readCounters } from './counter-items.ts';
import { type ArrivalsAnswer, compareArrivals, type DateArrivals } from './usual-arrivals.ts';

const PARTITION = 'ARRIVED';
const HOUR = 3_600_000;
const KEPT_SECONDS = 100 * 86_400;
/** Eight weeks, and the two dates that are compared with them. */
const MOST_DATES = 60;

/**
 * Keeps how many files of today and yesterday (UTC) there are at this hour, and compares that with what is usual: once an
 * hour, two write units and some five read units.
 *
 * @param now milliseconds since the epoch
 * @returns of yesterday and today, as far as anything is known of them
 */
export async function noteArrivals(table: Table, now: number): Promise<ArrivalsAnswer[]> {
  const history = await readArrivals(table);
  const today = dayOf(now);
  const answers: ArrivalsAnswer[] = [];
  for (const date_prefix of [addDays(today, -1), today]) {
    const counts = (await readCounters(table, date_prefix, 'eventual')).file;
    const came = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const hour = Math.floor((now - Date.parse(date_prefix)) / HOUR);
    await keep(table, date_prefix, hour, came, now);
    answers.push(compareArrivals(history, { date_prefix, byHour: new Map([[hour, came]]) }, hour));
  }
  return answers.filter(({ came, usual }) => came > 0 || usual !== null);
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
