import { paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';
import type { KnownSuffixes } from '../pipeline/status-index.ts';
import { AGE_MARK, type Ages, agesIn } from './ages.ts';
import { CLASS_MARK, counterPartition, SENDER_MARK } from './counter-kind.ts';
import { type CounterItem, type Counters, sumCounters } from './counters.ts';
import { type FlowSample, samplesIn } from './flow-samples.ts';
import { HEALTH_KEY, type Health } from './health.ts';
import type { ItemKey } from './items.ts';

export function counterKey(date_prefix: string | undefined, slot: number): ItemKey {
  return { pk: counterPartition(date_prefix), sk: String(slot) };
}

/** Which writes a read sees: all of them, or, for half the price, perhaps not those of the last second. */
export type Reading = 'consistent' | 'eventual';

/**
 * The counts of one date, or of everything, without the ages of files in flight: a Query over their slots, of half a
 * kilobyte each, however many files there are; for everything, another Query for what is stored beside them. With eventual
 * consistency, up to 16 slots cost two read units.
 */
export async function readCounters(
  table: Table,
  date_prefix: string | undefined,
  reading: Reading = 'consistent',
): Promise<Counters & { readonly health: Health; readonly samples: readonly FlowSample[] }> {
  const [counts, notes] = await Promise.all([
    readWhole(table, date_prefix, reading, 'counts'),
    date_prefix === undefined ? readPartition(table, undefined, reading, 'notes') : [],
  ]);
  return { ...countersIn([...counts, ...notes]), samples: samplesIn(notes) };
}

/** The unusual shard suffixes that were seen: a listing by status must look there, too. */
export async function readSuffixes(table: Table): Promise<KnownSuffixes> {
  return sumCounters(await readPartition(table, undefined, 'consistent', 'notes')).suffixes;
}

/** The counts with the ages, of one moment: a single Query. Each slot has one more item per day of entry. */
export async function readCountersAndAges(
  table: Table,
  date_prefix: string | undefined,
  reading: Reading,
): Promise<
  Counters & { readonly health: Health; readonly ages: Ages; readonly samples: readonly FlowSample[] }
> {
  const items = await readWhole(table, date_prefix, reading, 'statuses');
  return { ...countersIn(items), ages: agesIn(items, 'file'), samples: samplesIn(items) };
}

/** The status counts in the items of one counter partition. */
export function countersIn(items: readonly CounterItem[]): Counters & { readonly health: Health } {
  const { audit, dead_letters, came, long_date } = items.find(({ sk }) => sk === HEALTH_KEY) ?? {};
  return {
    ...sumCounters(items.filter(({ sk }) => sk !== HEALTH_KEY)),
    health: { audit, dead_letters, came, long_date } as Health,
  };
}

/** All items of a counter partition, never with only half of a merge. */
export async function readWhole(
  table: Table,
  date_prefix: string | undefined,
  reading: Reading,
  scope: Scope = 'everything',
): Promise<CounterItem[]> {
  let items = await readPartition(table, date_prefix, reading, scope);
  for (let again = 0; again < MOST_REREADS && isTorn(items); again++) {
    items = await readPartition(table, date_prefix, 'consistent', scope);
  }
  return items;
}

/** Which counter of its partition an item belongs to, and in which slot; undefined for items stored beside counters. */
export function partOf({ sk }: CounterItem): { readonly part: string; readonly slot: number } | undefined {
  const [, part = '', slot] = SLOT_KEY.exec(String(sk)) ?? [];
  return slot === undefined ? undefined : { part, slot: Number(slot) };
}

const SLOT_KEY = /^(?:(.+)#)?(\d+)$/;

/**
 * What is read from a partition: only the counts of statuses; the notes beside the counters of everything; both, with the
 * ages between them (`statuses`); the counters of failure classes; those by sender; or everything.
 */
export type Scope = 'counts' | 'notes' | 'statuses' | 'classes' | 'senders' | 'everything';

// Sorts after anything that follows a mark.
const LAST = `${CLASS_MARK}\u007f`;

/** The range of sort keys of each scope, in order: slots, ages, notes, classes, senders. No key equals a bound. */
const KEYS: Readonly<Record<Scope, readonly [from: string, to: string]>> = {
  counts: ['0', '9~'],
  notes: [`${AGE_MARK}~`, CLASS_MARK],
  statuses: ['0', CLASS_MARK],
  classes: [CLASS_MARK, SENDER_MARK],
  senders: [SENDER_MARK, LAST],
  everything: ['0', LAST],
};

/** All items of a counter: its slots, and for everything also what is stored beside them. */
export async function readPartition(
  table: Table,
  date_prefix: string | undefined,
  reading: Reading,
  scope: Scope = 'everything',
): Promise<CounterItem[]> {
  return readItems(table, counterPartition(date_prefix), reading, scope);
}

/** All items of a partition: for most counters one page, but classes of failures may need more. */
export async function readItems(
  table: Table,
  pk: string,
  reading: Reading,
  scope: Scope = 'everything',
): Promise<CounterItem[]> {
  const [from, to] = KEYS[scope];
  const query = {
    TableName: table.name,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: { ':pk': pk, ':from': from, ':to': to },
    ConsistentRead: reading === 'consistent',
  };
  const items: CounterItem[] = [];
  for await (const { Items = [] } of paginateQuery({ client: table.docs }, query)) items.push(...Items);
  return items;
}

/** Whether an item counts, unlike those stored beside the counters of everything. */
export function isSlot({ sk }: CounterItem): boolean {
  return /^\d+$/.test(String(sk));
}

const MOST_REREADS = 3;

/**
 * Whether a query saw only one side of a merge, because it does not see all items at the same moment. A merge takes one
 * from one slot and adds one to another. If the sum is wrong for good, as after a restore, it says nothing.
 */
function isTorn(items: readonly CounterItem[]): boolean {
  return items.reduce((sum, { merges = 0 }) => sum + merges, 0) !== 0;
}
