import { BatchGetCommand, DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { counterPartition } from '../../shared/projection/counter-kind.ts';
import { type Head, liveStatus } from '../../shared/projection/head.ts';
import {
  type HeadItem,
  headKey,
  type ItemKey,
  type PageItem,
  pageKey,
  readEvent,
  readHeadItem,
} from '../../shared/projection/items.ts';
import { NOBODY, type Truth } from './truth.ts';
import type { Ground } from './world.ts';

/** What the projection shows of some records, in the form of the truth, and what it counts of their dates. */
export interface Projected {
  readonly records: readonly Truth[];
  readonly heads: readonly Head[];
  /** By date, summed over the slots; those of zero are left out. */
  readonly counters: ReadonlyMap<string, Counts>;
  /** Those that the consumer has noted, of the dates asked for. */
  readonly datesNoted: readonly string[];
}

export type Counts = Readonly<Record<string, number>>;
type Item = Readonly<Record<string, unknown>> & ItemKey;
export type RecordName = Pick<Truth, 'kind' | 'date_prefix' | 'file_key'>;

/** Reads by keys, and shares no code with the reads under test but the form of keys and items. */
export async function readProjected(
  ground: Ground,
  names: readonly RecordName[],
  dates: readonly string[],
): Promise<Projected> {
  const items = await getItems(ground, [
    ...names.map((name) => headKey(name)),
    ...dates.map((date) => ({ pk: 'DATES', sk: date })),
  ]);
  const heads = items
    .filter(({ pk }) => /^(FILE|MANIFEST)#/.test(pk))
    .map((item) => readHeadItem(item as unknown as HeadItem));
  const pages = await getItems(
    ground,
    heads.flatMap((head) => Array.from({ length: head.pages }, (_, page) => pageKey(head, page))),
  );
  const senders = await senderNames(ground);
  const counters = await Promise.all(
    dates.map(
      async (date): Promise<[string, Counts]> => [date, sumCounts(await getSlots(ground, date), senders)],
    ),
  );
  return {
    heads,
    records: heads.map((head) => shownBy(head, pages, senders)),
    counters: new Map(counters),
    datesNoted: items.flatMap(({ pk, sk }) => (pk === 'DATES' ? [sk] : [])),
  };
}

/** A head with its pages, in the order of positions, as readers sort them; but nothing is made unique. */
function shownBy(head: Head, pages: readonly Item[], names: SenderNames): Truth {
  const { entity: kind, date_prefix, file_key } = head;
  const { pk } = pageKey(head, 0);
  const paged = pages
    .filter((page) => page.pk === pk)
    .flatMap((page) => ((page as unknown as PageItem).events ?? []).map(readEvent));
  const events = [...paged, ...head.events]
    .map(({ event, status, time, position }) => ({ event, status, time, position }))
    .sort((a, b) => (a.position < b.position ? -1 : 1));
  return {
    kind,
    date_prefix,
    file_key,
    status: liveStatus(head),
    since: head.since,
    failure: head.counted?.f,
    sender: senderIn(head, names),
    events,
  };
}

/** The names of senders, by what stands for them in heads and counters. */
export type SenderNames = Readonly<Record<string, string>>;

/** One rule has the senders of all runs on a table. */
export async function senderNames({ dynamoDb, table }: Ground): Promise<SenderNames> {
  const { Items = [] } = await DynamoDBDocumentClient.from(dynamoDb).send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': 'SENDERS' },
      ConsistentRead: true,
    }),
  );
  const [{ names = [] } = {}] = Items as { names?: readonly string[] }[];
  return { n: NOBODY, ...Object.fromEntries(names.entries()) };
}

/** Among whose files a head says that it is. */
export function senderIn({ counted }: Pick<Head, 'counted'>, names: SenderNames): string | undefined {
  const [, sender] = /^\w[0-9a-f]{4}\.(\w+)/.exec(counted?.n ?? '') ?? [];
  return sender === undefined ? undefined : names[sender];
}

/** The counts in the slots of one date, or of everything. */
export function sumCounts(slots: readonly Readonly<Record<string, unknown>>[], names: SenderNames): Counts {
  const sum: Record<string, number> = {};
  const counts = slots.flatMap((slot) => [...countsIn(slot), ...senderCountsIn(slot, names)]);
  for (const [name, value] of counts) sum[name] = (sum[name] ?? 0) + Number(value);
  return Object.fromEntries(Object.entries(sum).filter(([, count]) => count !== 0));
}

/** Of statuses as they are named, of ages with the day and hour of entry, of failures with their class. */
function countsIn({ sk, ...item }: Readonly<Record<string, unknown>>): [string, unknown][] {
  const classId = /^~([^~].*)#\d+$/.exec(String(sk))?.[1];
  if (classId !== undefined) return ['f', 'q'].map((name) => [`class ${name}${classId}`, item[name] ?? 0]);
  const day = /^age#(.+)#\d+$/.exec(String(sk))?.[1];
  if (day === undefined) return Object.entries(item).filter(([name]) => /^(file|manifest)_/.test(name));
  return Object.entries(item).flatMap(([name, value]): [string, unknown][] => {
    const [, letter, hour] = /^([pmrPMR])(\d\d)?$/.exec(name) ?? [];
    return letter === undefined
      ? []
      : [[`age ${letter}${hour === undefined ? '' : `${day}T${hour}`}`, value]];
  });
}

const STATUS_OF: Readonly<Record<string, string>> = {
  ...{ p: 'pending', m: 'manifested', r: 'processing', c: 'completed', f: 'failed', q: 'quarantined' },
  u: 'unknown',
};

/** Of senders by name, with the status, and the hour of entry where it is in flight. */
function senderCountsIn(
  { sk, ...item }: Readonly<Record<string, unknown>>,
  names: SenderNames,
): [string, unknown][] {
  const [, place = ''] = /^~~[0-9a-f]{4}\.(.+)#\d+$/.exec(String(sk)) ?? [];
  const hours = Number.parseInt(place.split('.')[1] ?? '', 36);
  const hour = Number.isNaN(hours) ? '' : ` ${new Date(hours * 3_600_000).toISOString().slice(0, 13)}`;
  return Object.entries(place === '' ? {} : item).flatMap(([name, value]): [string, unknown][] => {
    const [, letter = '', sender = ''] = /^([pmrcfqu])(\d+|[on])$/.exec(name) ?? [];
    return sender === '' ? [] : [[`sender ${names[sender]} ${STATUS_OF[letter]}${hour}`, value]];
  });
}

async function getSlots({ dynamoDb, table }: Ground, date: string): Promise<Item[]> {
  const { Items = [] } = await DynamoDBDocumentClient.from(dynamoDb).send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': counterPartition(date) },
      ConsistentRead: true,
    }),
  );
  return Items as Item[];
}

const KEYS_PER_REQUEST = 100;

async function getItems({ dynamoDb, table }: Ground, keys: readonly ItemKey[]): Promise<Item[]> {
  const documents = DynamoDBDocumentClient.from(dynamoDb);
  const items: Item[] = [];
  for (let from = 0; from < keys.length; from += KEYS_PER_REQUEST) {
    const Keys = keys.slice(from, from + KEYS_PER_REQUEST).map((key) => ({ ...key }));
    const request = { [table]: { Keys, ConsistentRead: true } };
    const { Responses } = await documents.send(new BatchGetCommand({ RequestItems: request }));
    items.push(...((Responses?.[table] ?? []) as Item[]));
  }
  return items;
}
