import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { PutCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';
import type { OutputObject } from './ranged-object.ts';
import type { ObjectReading } from './read-sources.ts';
import { packReadings, unpackReadings } from './reading-codec.ts';
import type { UnreadableReason } from './unreadable.ts';

/** What was read of a date earlier, so that no object is read twice, and no input is counted twice. */
export interface KeptRows {
  /** The reading of exactly the same object. */
  known(object: OutputObject): ObjectReading | undefined;
  /** Lines of inputs, by `linesId`. They outlive the inputs. */
  readonly lines: ReadonlyMap<string, number>;
}

/** The stored data of a date, unchanged. */
export interface KeptItems {
  /** By the id of one content of an object. */
  readonly readings: ReadonlyMap<string, ObjectReading>;
  readonly lines: ReadonlyMap<string, number>;
}

/** Reads the stored data of a date: a megabyte or less per 20,000 files. */
export async function loadKeptRows(table: Table, date: string): Promise<KeptRows> {
  const { readings, lines } = await readKeptItems(table, date);
  return { known: (object) => readings.get(versionOf(object)), lines };
}

/** The same, including objects that no longer exist. */
export async function readKeptItems(table: Table, date: string): Promise<KeptItems> {
  const readings = new Map<string, ObjectReading>();
  const lines = new Map<string, number>();
  const query = {
    TableName: table.name,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': partitionOf(date) },
  };
  for await (const { Items = [] } of paginateQuery({ client: table.docs }, query)) {
    for (const { sk, packed } of Items as unknown as readonly KeptItem[]) {
      if (sk.startsWith('rows#')) {
        for (const reading of unpackReadings(packed)) readings.set(versionOf(reading.object), reading);
      } else {
        for (const [name, count] of unpackLines(packed)) lines.set(name, count);
      }
    }
  }
  return { readings, lines };
}

/** The stored data with more readings, which only the caller holds. */
export function withReadings(kept: KeptRows, readings: readonly ObjectReading[]): KeptRows {
  const more = new Map(readings.map((reading) => [versionOf(reading.object), reading]));
  return { ...kept, known: (object) => more.get(versionOf(object)) ?? kept.known(object) };
}

/** Whether a reading stays true as long as its object does not change. */
export function isLasting({ state }: ObjectReading): boolean {
  return !PASSING.has(state);
}

/** Stores readings that stay true as long as their objects do not change. Doing it twice does no harm. */
export async function keepReadings(
  table: Table,
  date: string,
  readings: readonly ObjectReading[],
  expires_at: number,
): Promise<void> {
  const lasting = readings.filter(isLasting);
  for (const { packed, items } of itemsOf(lasting, packReadings)) {
    const name = createHash('sha256');
    for (const { object } of items) name.update(versionOf(object)).update('\n');
    await put(table, date, `rows#${name.digest('hex').slice(0, 24)}`, packed, expires_at);
  }
}

/** Stores the lines of inputs, by `linesId`; the last count of a file is the one that is read. */
export async function keepLines(
  table: Table,
  date: string,
  counted: readonly (readonly [id: string, lines: number])[],
  expires_at: number,
): Promise<void> {
  for (const { packed } of itemsOf(counted, packLines)) {
    const name = createHash('sha256').update(packed).digest('hex').slice(0, 24);
    await put(table, date, `lines#${name}`, packed, expires_at);
  }
}

/** Reasons that may no longer hold when the object is read again. */
const PASSING: ReadonlySet<UnreadableReason | 'read'> = new Set(['gone', 'changed', 'unavailable']);
// DynamoDB's limit is 400 KB for an item.
const MOST_BYTES = 350_000;

interface KeptItem {
  readonly sk: string;
  readonly packed: Uint8Array;
}

/** As many items as needed: what does not fit into one is halved. */
function* itemsOf<T>(
  all: readonly T[],
  pack: (items: readonly T[]) => Uint8Array,
): Generator<{ readonly packed: Uint8Array; readonly items: readonly T[] }, void> {
  if (all.length === 0) return;
  const packed = pack(all);
  if (packed.length <= MOST_BYTES) {
    yield { packed, items: all };
  } else if (all.length > 1) {
    const half = all.length >> 1;
    yield* itemsOf(all.slice(0, half), pack);
    yield* itemsOf(all.slice(half), pack);
  }
  // An object of more files than an item can name is read again each time.
}

function packLines(counted: readonly (readonly [string, number])[]): Uint8Array {
  return deflateRawSync(JSON.stringify(counted), { level: 9 });
}

function unpackLines(packed: Uint8Array): readonly (readonly [string, number])[] {
  return JSON.parse(inflateRawSync(packed).toString());
}

async function put(table: Table, date: string, sk: string, packed: Uint8Array, expires_at: number) {
  const Item = { pk: partitionOf(date), sk, packed, expires_at };
  await table.docs.send(new PutCommand({ TableName: table.name, Item }));
}

function partitionOf(date: string): string {
  return `ROWS#${date}`;
}

/** Names one content of an object. */
function versionOf({ bucket, key, etag, size }: OutputObject): string {
  return `${bucket}/${key} ${etag} ${size}`;
}
