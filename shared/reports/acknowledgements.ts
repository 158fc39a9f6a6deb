import { createHash } from 'node:crypto';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, PutCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';
import { keyOf, type RecordKey } from '../pipeline/tracking-table.ts';
import { dayOf } from '../text/time.ts';

/** A file that is acknowledged in its current state; with a kind, only that finding on it. */
export interface AboutFile extends RecordKey {
  /** The kind of orphan; if left out, anything that is wrong with the file. */
  readonly kind?: string | undefined;
}

/** A class of failures that is acknowledged. */
export interface AboutClass {
  readonly class: string;
}

/** Who acknowledged it, until when, and why. Times are `…Z`. */
interface Statement {
  readonly reason: string;
  readonly actor: string;
  readonly at: string;
  /** When the acknowledgement ends. */
  readonly until: string;
  /** The change that recorded it. */
  readonly changeId: string;
}

/** An acknowledgement of a file; it ends with the first change of the file's record. */
export interface AcknowledgedFile extends AboutFile, Statement {
  /** The version of the record, from `versionOf`. */
  readonly version: string;
  /** The status of the file at the time. */
  readonly status: string;
}

export interface AcknowledgedClass extends AboutClass, Statement {}

export type Acknowledgement = AcknowledgedFile | AcknowledgedClass;

/** One query, which runs often, reads all of them, so their number is limited. */
export const MOST_ACKNOWLEDGEMENTS = 1_000;

/** The most days that one may last. */
export const LONGEST_DAYS = 90;

/** Their partition; only those who may change files write there. */
export const ACKNOWLEDGED = 'ACKNOWLEDGED';

export function isOfClass<T extends AboutFile | AboutClass>(about: T): about is Extract<T, AboutClass> {
  return 'class' in about;
}

function keyFor(about: AboutFile | AboutClass) {
  const sk = isOfClass(about) ? `class#${about.class}` : `${filePart(about)}${about.kind ?? ''}`;
  return { pk: ACKNOWLEDGED, sk };
}

/** A hash, because a file_key may be as long as a sort key. */
function filePart({ date_prefix, file_key }: RecordKey): string {
  const hash = createHash('sha256').update(JSON.stringify([date_prefix, file_key]));
  return `file#${hash.digest('hex').slice(0, 32)}#`;
}

/** Stores it, replacing an earlier one about the same thing. It expires by itself when it ends. */
export async function keepAcknowledgement({ docs, name }: Table, kept: Acknowledgement): Promise<void> {
  const { changeId: change_id, ...rest } = kept;
  const expires_at = Math.ceil(Date.parse(kept.until) / 1_000);
  const Item = { ...keyFor(kept), ...rest, change_id, expires_at };
  await docs.send(new PutCommand({ TableName: name, Item }));
}

/** @returns false if there was none */
export async function forgetAcknowledgement(
  { docs, name }: Table,
  about: AboutFile | AboutClass,
): Promise<boolean> {
  const remove = new DeleteCommand({ TableName: name, Key: keyFor(about), ReturnValues: 'ALL_OLD' });
  const { Attributes } = await docs.send(remove);
  return Attributes !== undefined;
}

/**
 * Removes the acknowledgement of a file, unless the file was acknowledged again after it was read.
 *
 * @returns false if it no longer exists
 */
export async function forgetEnded({ docs, name }: Table, ended: AcknowledgedFile): Promise<boolean> {
  const remove = new DeleteCommand({
    TableName: name,
    Key: keyFor(ended),
    ConditionExpression: 'version = :version',
    ExpressionAttributeValues: { ':version': ended.version },
  });
  try {
    await docs.send(remove);
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/**
 * All that have not ended, read consistently: one query, with one read unit for about ten of them.
 *
 * @param now milliseconds since the epoch; ended ones may stay in the table for two more days
 */
export function readAcknowledgements(table: Table, now: number): Promise<Acknowledgement[]> {
  return query(table, '', now);
}

/** Those about classes only. */
export async function readAcknowledgedClasses(table: Table, now: number): Promise<ReadonlySet<string>> {
  const found = await query(table, 'class#', now);
  return new Set(found.flatMap((each) => (isOfClass(each) ? [each.class] : [])));
}

const READER_MILLIS = 60_000;

/** Reads those about classes at most once a minute, for a process that asks often. */
export function acknowledgedClassReader(table: Table): (now: number) => Promise<ReadonlySet<string>> {
  let last: { readonly at: number; readonly classes: ReadonlySet<string> } | undefined;
  return async (now) => {
    if (last && now - last.at < READER_MILLIS) return last.classes;
    last = { at: now, classes: await readAcknowledgedClasses(table, now) };
    return last.classes;
  };
}

/** Those about one file, whether they still apply or its record has changed since. */
export async function readFileAcknowledgements(
  table: Table,
  key: RecordKey,
  now: number,
): Promise<AcknowledgedFile[]> {
  const found = await query(table, filePart(key), now);
  return found.flatMap((each) => (isOfClass(each) ? [] : [each]));
}

async function query({ docs, name }: Table, begin: string, now: number): Promise<Acknowledgement[]> {
  const asked = {
    TableName: name,
    KeyConditionExpression: begin === '' ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :begin)',
    ExpressionAttributeValues: { ':pk': ACKNOWLEDGED, ...(begin !== '' && { ':begin': begin }) },
    ConsistentRead: true,
  };
  const found: Acknowledgement[] = [];
  for await (const { Items = [] } of paginateQuery({ client: docs }, asked))
    found.push(...Items.map(readItem));
  return found.filter(({ until }) => Date.parse(until) > now);
}

function readItem(item: Readonly<Record<string, unknown>>): Acknowledgement {
  const { pk: _pk, sk: _sk, expires_at: _expires, change_id: changeId, ...rest } = item;
  return { ...rest, changeId } as Acknowledgement;
}

/** The last day on which it applies, YYYY-MM-DD (UTC). */
export function lastDayOf({ until }: Pick<Acknowledgement, 'until'>): string {
  return dayOf(Date.parse(until) - 1);
}

/** Only what it is about. */
export function aboutOf(about: AboutFile | AboutClass): AboutFile | AboutClass {
  if (isOfClass(about)) return { class: about.class };
  return { ...keyOf(about), ...(about.kind !== undefined && { kind: about.kind }) };
}

/** The same in words, such as `2026-11-23/x.ndjson (stuck_in_pending)`. */
export function aboutText(about: AboutFile | AboutClass): string {
  if (isOfClass(about)) return `the class ${about.class}`;
  const kind = about.kind === undefined ? '' : ` (${about.kind})`;
  return `${about.date_prefix}/${about.file_key}${kind}`;
}
