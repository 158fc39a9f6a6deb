import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';
import { recordKind } from '../pipeline/record.ts';
import { type PathedFile, type SenderRule, senderOf, senderRule } from '../pipeline/sender.ts';
import type { SenderPath } from '../settings/index-profile.ts';
import { NO_SENDER, OTHER_SENDERS, senderIdOf } from './sender-counts.ts';

/** How many senders are counted separately; all others are counted together. */
export const MOST_SENDERS = 200;

/** What a process knows of senders. It reads them again after an hour, because other processes may have added some. */
export interface KnownSenders {
  readonly rule: SenderRule;
  /** The numbers of the senders that are counted separately, in order of arrival. */
  readonly numbers: Map<string, number>;
  /** When it last read them, milliseconds since the epoch. */
  lookedAt: number;
}

/** What the sender of a file is counted as; undefined if senders are not counted, and for records that are not files. */
export type SenderIds = (file: PathedFile) => string | undefined;

const HOUR = 3_600_000;

/** @returns undefined if senders are not counted */
export function createKnownSenders(path: SenderPath | undefined): KnownSenders | undefined {
  const rule = senderRule(path);
  return rule && { rule, numbers: new Map(), lookedAt: Number.NEGATIVE_INFINITY };
}

/** The names of a rule's senders that are counted separately, by number. */
export async function readSenderNames({ docs, name }: Table, rule: SenderRule): Promise<readonly string[]> {
  const { Item } = await docs.send(
    new GetCommand({ TableName: name, Key: keyOf(rule), ConsistentRead: true }),
  );
  return (Item?.names as readonly string[] | undefined) ?? [];
}

/**
 * Makes the senders of files known before any file is counted by them. The first 200 of a rule are counted separately and
 * keep their numbers for good; a sender without room is counted with the others, for as long as its head says so.
 *
 * @param known new senders are added; undefined if senders are not counted
 * @param now milliseconds since the epoch
 */
export async function learnSenders(
  table: Table,
  files: readonly PathedFile[],
  known: KnownSenders | undefined,
  now: number,
): Promise<SenderIds> {
  if (!known) return () => undefined;
  const { rule, numbers } = known;
  const names = new Set(files.flatMap((file) => (isFile(file) ? (senderOf(file, rule) ?? []) : [])));
  if (known.lookedAt < now - HOUR) {
    await look(table, known);
    known.lookedAt = now;
  }
  for (;;) {
    const added = [...names].filter((name) => !numbers.has(name)).slice(0, MOST_SENDERS - numbers.size);
    if (added.length === 0 || (await add(table, known, added))) break;
    await look(table, known);
  }
  return (file) => {
    if (!isFile(file)) return undefined;
    const name = senderOf(file, rule);
    return senderIdOf(rule.id, name === undefined ? NO_SENDER : (numbers.get(name) ?? OTHER_SENDERS));
  };
}

function isFile(file: PathedFile): boolean {
  return recordKind(file) === 'file';
}

/** Each rule has its own item: another path gives other names, which must find room. */
function keyOf({ id }: SenderRule) {
  return { pk: 'SENDERS', sk: id };
}

async function look(table: Table, { rule, numbers }: KnownSenders): Promise<void> {
  const names = await readSenderNames(table, rule);
  numbers.clear();
  for (const [number, name] of names.entries()) numbers.set(name, number);
}

/** @returns false if another process has added some in the meantime */
async function add(
  { docs, name }: Table,
  { rule, numbers }: KnownSenders,
  added: readonly string[],
): Promise<boolean> {
  const first = numbers.size;
  const update = new UpdateCommand({
    TableName: name,
    Key: keyOf(rule),
    UpdateExpression: 'SET #names = list_append(if_not_exists(#names, :none), :added), #path = :path',
    ConditionExpression: first === 0 ? 'attribute_not_exists(#names)' : 'size(#names) = :known',
    ExpressionAttributeNames: { '#names': 'names', '#path': 'path' },
    ExpressionAttributeValues: {
      ':none': [],
      ':added': added,
      ':path': rule.path,
      ...(first > 0 && { ':known': first }),
    },
  });
  try {
    await docs.send(update);
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
  for (const [i, sender] of added.entries()) numbers.set(sender, first + i);
  return true;
}
