import { createHash } from 'node:crypto';
import { DeleteCommand, GetCommand, PutCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';
import { fitsSortKey } from '../pipeline/names.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';

/**
 * Keeps what was proved after the evidence has expired: manifests whose files were converted, and completed files that are
 * lost. Each is one small item, kept longer than the records that it is about.
 */
export interface ConvertedManifest {
  /** Of its files. */
  readonly date: string;
  /** `bucket/key`. */
  readonly manifest: string;
  /** The report of its job, or output that was written while it ran. */
  readonly by: 'report' | 'output';
  /** How many rows, if the report says so. */
  readonly records?: number | undefined;
  /** When it was proved: `…Z`. */
  readonly at: string;
}

/** A completed file that was found to be lost. */
export interface LostFile extends RecordKey {
  /** The version of the record; the proof does not apply to other versions. */
  readonly version: string;
  readonly kind: string;
  readonly cause: string;
  /** The evidence for it, in words. */
  readonly seen: string;
  /** When it was found, in milliseconds since the epoch. */
  readonly at: number;
  /** Which check of its date found it. */
  readonly check: number;
}

const SLACK_DAYS = 30;

/** When a proof may be deleted, in seconds since the epoch: later than any record that it is about. */
export function proofExpiry(now: number, settledDays: number): number {
  return Math.floor(now / 1_000) + Math.ceil((settledDays + SLACK_DAYS) * 86_400);
}

export async function readConverted(
  table: Table,
  date: string,
  manifest: string,
): Promise<ConvertedManifest | undefined> {
  const Key = convertedKey(date, manifest);
  const { Item } = await table.docs.send(new GetCommand({ TableName: table.name, Key }));
  return Item && ({ ...Item, date, manifest } as unknown as ConvertedManifest);
}

export async function saveConverted(
  table: Table,
  { date, manifest, ...proof }: ConvertedManifest,
  expires_at: number,
): Promise<void> {
  const Item = { ...convertedKey(date, manifest), ...proof, expires_at };
  await table.docs.send(new PutCommand({ TableName: table.name, Item }));
}

/** The lost files of a date, by file key. */
export async function readLostFiles(table: Table, date: string): Promise<ReadonlyMap<string, LostFile>> {
  const lost = new Map<string, LostFile>();
  const query = {
    TableName: table.name,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': lostPartition(date) },
  };
  for await (const { Items = [] } of paginateQuery({ client: table.docs }, query)) {
    for (const { pk: _, sk, expires_at: __, ...item } of Items) {
      lost.set(String(sk), { ...item, date_prefix: date, file_key: String(sk) } as unknown as LostFile);
    }
  }
  return lost;
}

export async function saveLostFile(
  table: Table,
  { date_prefix, file_key, ...proof }: LostFile,
  expires_at: number,
): Promise<void> {
  const Item = { pk: lostPartition(date_prefix), sk: file_key, ...proof, expires_at };
  await table.docs.send(new PutCommand({ TableName: table.name, Item }));
}

export async function forgetLostFile(table: Table, { date_prefix, file_key }: RecordKey): Promise<void> {
  const Key = { pk: lostPartition(date_prefix), sk: file_key };
  await table.docs.send(new DeleteCommand({ TableName: table.name, Key }));
}

/** A bucket and the longest of S3's keys are together longer than a sort key may be. A hash has no slash, a place has. */
function convertedKey(date: string, manifest: string) {
  return { pk: `CONVERTED#${date}`, sk: sortKeyOf(manifest) };
}

/** A text as a sort key, or its hash if it is longer than one may be. */
function sortKeyOf(text: string): string {
  return fitsSortKey(text) ? text : createHash('sha256').update(text).digest('hex');
}

function lostPartition(date: string): string {
  return `LOST#${date}`;
}
