import { PutCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';
import { datesBetween, dayOf, isInRange } from '../text/time.ts';
import { cutTo } from '../text/visible-text.ts';
import { noteHealth } from './health.ts';

const PARTITION = 'DATES';
// A sort key has at most 1,024 bytes, and in reports it holds more than the date. A real date_prefix has ten bytes.
const LONGEST_DATE = 1_000;
const SHOWN = 40;

/**
 * Notes dates that have heads, so that an audit or a rebuild can go through them: DynamoDB cannot list its partition keys.
 * Each process notes a date once; noting it again changes nothing. For a date that is too long, only the fact is noted, so
 * that answers can report it.
 *
 * @param registered the dates that this process has noted; new ones are added
 */
export async function registerDates(
  table: Table,
  dates: Iterable<string>,
  registered: Set<string>,
): Promise<void> {
  for (const date of new Set(dates)) {
    if (registered.has(date)) continue;
    if (Buffer.byteLength(date) > LONGEST_DATE) await noteHealth(table, { long_date: cutTo(date, SHOWN) });
    else await table.docs.send(new PutCommand({ TableName: table.name, Item: { pk: PARTITION, sk: date } }));
    registered.add(date);
  }
}

/** What does not work for a date that is too long. */
export function longDateText(beginning: string): string {
  return `A date_prefix of more than ${LONGEST_DATE} bytes is in use. It begins with ${JSON.stringify(beginning)}. Its files are counted, and listed by status, but audits, recounts of everything and lists of dates do not include it.`;
}

/** Every date that has or had heads, oldest first, except those that are too long. */
export async function listDates(table: Table): Promise<string[]> {
  const dates: string[] = [];
  const query = {
    TableName: table.name,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': PARTITION },
    ConsistentRead: true,
  };
  for await (const { Items = [] } of paginateQuery({ client: table.docs }, query)) {
    dates.push(...Items.map(({ sk }) => String(sk)));
  }
  return dates;
}

const MOST_LATEST = 100;

/** The newest dates, newest first, in which names are searched for. Today is included even if the stream has not shown it. */
export async function latestDates(table: Table, now: number): Promise<string[]> {
  const known = await listDates(table);
  return [...new Set([...known, dayOf(now)])].sort().reverse().slice(0, MOST_LATEST);
}

/**
 * The dates from `start` to `end`, oldest first: all calendar dates and the two that were named, because they may have
 * files that the stream has not shown yet, and all other dates that files are filed under.
 */
export async function datesIn(
  table: Table,
  { start, end }: { readonly start: string; readonly end: string },
): Promise<string[]> {
  const known = (await listDates(table)).filter((date) => isInRange({ start, end }, date));
  return [...new Set([start, ...datesBetween(start, end), ...known, end])].sort();
}
