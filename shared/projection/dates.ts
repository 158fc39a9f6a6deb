import { PutCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';
import { datesBetween, dayOf } from '../text/time.ts';
import { noteHealth } from './counter-items.ts';

const PARTITION = 'DATES';
// A sort key holds 1,024 bytes, and has to hold more than the date where a report is about one; a date_prefix of real
// life has ten.
const LONGEST_DATE = 1_000;
const SHOWN = 40;

/**
 * Notes dates that have heads, so that an audit or a rebuild can go through them: DynamoDB cannot list its
 * partition keys. Each process notes a date once; noting it again changes nothing. Of one that is too long it is noted
 * that there are such, for answers to tell.
 *
 * @param registered the dates this process has noted; added to
 */
export async function registerDates(
  table: Table,
  dates: Iterable<string>,
  registered: Set<string>,
): Promise<void> {
  for (const date of new Set(dates)) {
    if (registered.has(date)) continue;
    if (Buffer.byteLength(date) > LONGEST_DATE) await noteHealth(table, { long_date: date.slice(0, SHOWN) });
    else await table.docs.send(new PutCommand({ TableName: table.name, Item: { pk: PARTITION, sk: date } }));
    registered.add(date);
  }
}

/** What does not go through a date that is too long. */
export function longDateText(beginning: string): string {
  return `A date_prefix of more than ${LONGEST_DATE} bytes is in use, which begins with ${JSON.stringify(beginning)}. Its files are counted, and listed by status; no audit, recount of everything or list of dates knows of it.`;
}

/** Every date that has or had heads, oldest first, but those that are too long. */
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

/** The newest dates, newest first, today among them whether the stream has shown it or not: where a name is looked for. */
export async function latestDates(table: Table, now: number): Promise<string[]> {
  const known = await listDates(table);
  return [...new Set([...known, dayOf(now)])].sort().reverse().slice(0, MOST_LATEST);
}

/**
 * The dates from `start` to `end`, oldest first: those of the calendar, since files may be there that the stream has
 * not shown yet, and whatever else files are filed under.
 */
export async function datesIn(
  table: Table,
  { start, end }: { readonly start: string; readonly end: string },
): Promise<string[]> {
  const known = (await listDates(table)).filter((date) => date >= start && date <= end);
  return [...new Set([...datesBetween(start, end), ...known])].sort();
}
