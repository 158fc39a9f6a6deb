import { BatchGetItemCommand } from '@aws-sdk/client-dynamodb';
import DataLoader from 'dataloader';
import type { Table } from '../aws/deps.ts';
import { type RawAttributes, type RecordKey, rawKey, readRawRecord } from './tracking-table.ts';

/** Reads one record in its raw form, consistently; undefined when there is none. */
export type ReadRawRecord = (key: RecordKey) => Promise<RawAttributes | undefined>;

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
const KEYS_PER_REQUEST = 100;

/**
 * A reader for many records: those that are asked for at the same time are read in one request, which takes the same
 * read units as one request each. It keeps nothing: a record that is asked for again is read again.
 */
export function recordReader(table: Table): ReadRawRecord {
  const loader = new DataLoader((keys: readonly RecordKey[]) => readRawRecords(table, keys), {
    cache: false,
    maxBatchSize: KEYS_PER_REQUEST,
  });
  return (key) => loader.load(key);
}

async function readRawRecords(
  table: Table,
  keys: readonly RecordKey[],
): Promise<(RawAttributes | undefined)[]> {
  const [first] = keys;
  if (first && keys.length === 1) return [await readRawRecord(table, first)];
  const wanted = new Map(keys.map((key) => [idOf(rawKey(key)), rawKey(key)]));
  const request = { Keys: [...wanted.values()], ConsistentRead: true };
  const { Responses, UnprocessedKeys } = await table.docs.send(
    new BatchGetItemCommand({ RequestItems: { [table.name]: request } }),
  );
  const found = new Map(Responses?.[table.name]?.map((record) => [idOf(record), record]));
  // What a busy table leaves out, or what does not fit into 16 MB.
  const left = new Set(UnprocessedKeys?.[table.name]?.Keys?.map(idOf));
  return Promise.all(
    keys.map((key) => {
      const id = idOf(rawKey(key));
      return left.has(id) ? readRawRecord(table, key) : found.get(id);
    }),
  );
}

function idOf({ date_prefix, file_key }: RawAttributes): string {
  return JSON.stringify([date_prefix?.S, file_key?.S]);
}
