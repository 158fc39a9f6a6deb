import { createHash } from 'node:crypto';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';
import { isoTime } from '../text/time.ts';

/** A fact to be sent to other tools, as noted by the process that found it. */
export type Noted =
  /** A change is ending. Its own item has the result. */
  | { readonly kind: 'change'; readonly change_id: string }
  /** An audit found that heads or counts were wrong. */
  | {
      readonly kind: 'drift';
      readonly date_prefix: string;
      /** How many. */
      readonly found: number;
      readonly repaired: number;
      /** Until then, in milliseconds since the epoch, its audit may replace it, and nobody is told. */
      readonly open_until?: number;
    }
  /** Completed files that were not known to be lost were proved lost. */
  | {
      readonly kind: 'lost';
      readonly date_prefix: string;
      /** Proved by the output rows, or by the evidence of a sweep. */
      readonly by: 'rows' | 'evidence';
      /** How many. */
      readonly files: number;
      /** Their file keys: some of them. */
      readonly samples: readonly string[];
    };

/** A noted fact with its id, which is the same however often the fact is noted. */
export interface NotedItem {
  readonly id: string;
  /** When it was noted, `…Z`. */
  readonly at: string;
  readonly noted: Noted;
}

const PARTITION = 'NOTED';
// Without an outlet, nobody takes it, and it expires by itself.
const KEPT_SECONDS = 30 * 86_400;
const MOST_SAMPLES = 5;

/**
 * Notes a fact for the outlet, before the fact itself is written: a process that dies in between does both again, under the
 * same id. It is written whether or not there is an outlet, because a runbook cannot know; without one, it expires.
 *
 * @param id the same each time the same fact is found
 * @param now milliseconds since the epoch
 */
export async function noteFact(table: Table, id: string, noted: Noted, now: number): Promise<void> {
  await table.docs.send(new PutCommand({ TableName: table.name, Item: itemOf(id, noted, now) }));
}

/** The same, unless something is already noted under that id. */
export async function noteFirst(table: Table, id: string, noted: Noted, now: number): Promise<void> {
  try {
    await table.docs.send(
      new PutCommand({
        TableName: table.name,
        Item: itemOf(id, noted, now),
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

function itemOf(id: string, noted: Noted, now: number) {
  const expires_at = Math.floor(now / 1_000) + KEPT_SECONDS;
  return { pk: PARTITION, sk: id, noted: JSON.stringify(noted), at: isoTime(now), expires_at };
}

/** Notes a change, right before it is done. */
export function noteChange(table: Table, change_id: string, now: number): Promise<void> {
  return noteFact(table, `change#${change_id}`, { kind: 'change', change_id }, now);
}

/** Files of a date that are proved lost together. */
interface LostTogether {
  readonly date_prefix: string;
  readonly by: 'rows' | 'evidence';
  /** Their file keys. */
  readonly files: readonly string[];
  /** What is the same however often this loss is noted, and differs if the same files are reset and lost again. */
  readonly occasion: string;
}

/** Notes lost files; the same files have the same id on the same occasion. */
export async function noteLost(
  table: Table,
  { date_prefix, by, files, occasion }: LostTogether,
  now: number,
): Promise<void> {
  const sorted = [...files].sort();
  // A file_key may be as long as a sort key.
  const hash = createHash('sha256')
    .update(JSON.stringify([date_prefix, by, sorted, occasion]))
    .digest('hex');
  const id = `lost#${hash.slice(0, 16)}`;
  const samples = sorted.slice(0, MOST_SAMPLES);
  await noteFact(table, id, { kind: 'lost', date_prefix, by, files: sorted.length, samples }, now);
}

/**
 * Noted facts that were not taken yet, in the order of their ids, up to a maximum.
 *
 * @param after the id after which it begins; left out: at the first
 */
export async function readNoted({ docs, name }: Table, most: number, after?: string): Promise<NotedItem[]> {
  const { Items = [] } = await docs.send(
    new QueryCommand({
      TableName: name,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': PARTITION },
      ConsistentRead: true,
      Limit: most,
      ...(after !== undefined && { ExclusiveStartKey: { pk: PARTITION, sk: after } }),
    }),
  );
  return Items.map(({ sk, at, noted }) => ({
    id: String(sk),
    at: String(at),
    noted: JSON.parse(String(noted)) as Noted,
  }));
}

/** Deletes a noted fact once the outlet has stored it, unless something else has been noted under its id since. */
export async function forgetNoted({ docs, name }: Table, { id, noted }: NotedItem): Promise<void> {
  const deletion = new DeleteCommand({
    TableName: name,
    Key: { pk: PARTITION, sk: id },
    ConditionExpression: 'noted = :noted',
    ExpressionAttributeValues: { ':noted': JSON.stringify(noted) },
  });
  try {
    await docs.send(deletion);
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}
