import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';
import type { FailureClass } from '../pipeline/failure-class.ts';
import { recordKind, sinceOf } from '../pipeline/record.ts';
import { failureOfFile } from '../pipeline/record-failure.ts';
import type { RecordKey, TrackingRecord } from '../pipeline/tracking-table.ts';
import { isoTime } from '../text/time.ts';
import { CLASS_MARK, counterPartition } from './counter-kind.ts';
import { OTHER_CLASS } from './failure-counts.ts';

/** How many classes are told apart; whatever else comes is counted in one, `other`. */
export const MOST_CLASSES = 200;
const MOST_SAMPLES = 5;

/** A failure, to make its class known. */
export interface SeenFailure {
  readonly failure: FailureClass;
  readonly file: RecordKey;
  /** When it failed, `…Z`, or empty. */
  readonly at: string;
}

/** The failures among records. */
export function failuresOf(records: readonly TrackingRecord[], now: number): SeenFailure[] {
  return records.flatMap((record) => {
    const failure = recordKind(record) === 'file' ? failureOfFile(record) : undefined;
    return failure ? [{ failure, file: record, at: sinceOf(record, now) ?? '' }] : [];
  });
}

/** What a process knows of classes. It looks again after an hour: they may have found room since, or gone. */
export interface KnownClasses {
  /** What each is counted as. */
  readonly places: Map<string, string>;
  /** Those that this process was the first to see, and has not told of. */
  readonly untold: FailureClass[];
  /** Those that have been told apart when it looked. */
  kept: ReadonlySet<string>;
  /** When it has looked, milliseconds since the epoch. */
  lookedAt: number;
}

const HOUR = 3_600_000;
// With it a process that meets text after text that fits nowhere stays small.
const MOST_PLACES = 5 * MOST_CLASSES;

/** The partition of what is known of classes: apart from counters, for only who asks for one class reads it. */
export const CLASSES = 'CLASSES';
const KNOWN = { pk: CLASSES, sk: 'known' };

export function createKnownClasses(): KnownClasses {
  return { places: new Map(), untold: [], kept: new Set(), lookedAt: Number.NEGATIVE_INFINITY };
}

/** The ids of all classes that are told apart. */
export async function readKnownClasses({ docs, name }: Table): Promise<ReadonlySet<string>> {
  const { Item } = await docs.send(new GetCommand({ TableName: name, Key: KNOWN, ConsistentRead: true }));
  return (Item?.ids as ReadonlySet<string> | undefined) ?? new Set();
}

/** What is common to the failures of a class, and when the first was seen, `…Z`; undefined until it is kept. */
export async function readClassText(
  { docs, name }: Table,
  classId: string,
): Promise<{ readonly text: string; readonly first: string } | undefined> {
  const { Item } = await docs.send(new GetCommand({ TableName: name, Key: classTextKey(classId) }));
  return Item && { text: String(Item.text), first: String(Item.first) };
}

/** Where the text of a class is, beside its counters of everything, whose reader finds it in the same query. */
function classTextKey(classId: string) {
  return { pk: counterPartition(undefined), sk: `${CLASS_MARK}${classId}` };
}

/**
 * Makes the classes of failures known, before anything is counted in them. The first 200 are told apart; a class that
 * finds no room is counted as `other`, for as long as its head says so. Of each class some files are kept as samples,
 * new ones once an hour.
 *
 * @param known added to
 * @param now milliseconds since the epoch
 */
export async function learnClasses(
  table: Table,
  seen: readonly SeenFailure[],
  known: KnownClasses,
  now: number,
): Promise<void> {
  if (seen.length === 0) return;
  if (known.lookedAt < now - HOUR || known.places.size > MOST_PLACES) await lookAgain(table, known, now);
  const unknown = seen.filter(({ failure }) => !known.places.has(failure.id));
  for (const first of unknown) {
    const { id } = first.failure;
    if (known.places.has(id)) continue;
    const isKept = await keep(table, first.failure, known);
    if (isKept) {
      await keepText(table, first, now);
      const failures = unknown.filter(({ failure }) => failure.id === id);
      await keepSamples(table, id, failures, now);
    }
    known.places.set(id, isKept ? id : OTHER_CLASS);
  }
}

/** What was told apart, and is asked for once: whoever finds no room must not try with every text. */
async function lookAgain(table: Table, known: KnownClasses, now: number): Promise<void> {
  known.kept = await readKnownClasses(table);
  known.places.clear();
  known.lookedAt = now;
}

/** @returns false when there is no more room */
async function keep({ docs, name }: Table, failure: FailureClass, known: KnownClasses): Promise<boolean> {
  if (known.kept.has(failure.id)) return true;
  if (known.kept.size >= MOST_CLASSES) return false;
  const update = new UpdateCommand({
    TableName: name,
    Key: KNOWN,
    UpdateExpression: 'ADD ids :added',
    ConditionExpression: 'attribute_not_exists(ids) OR contains(ids, :id) OR size(ids) < :most',
    ExpressionAttributeValues: { ':added': new Set([failure.id]), ':id': failure.id, ':most': MOST_CLASSES },
    ReturnValues: 'UPDATED_OLD',
  });
  try {
    const { Attributes } = await docs.send(update);
    const before = Attributes?.ids as ReadonlySet<string> | undefined;
    if (!before?.has(failure.id)) known.untold.push(failure);
    return true;
  } catch (error) {
    if (isConditionFailed(error)) return false;
    throw error;
  }
}

/** Each process does it: whoever was the first to see the class may have died before it came to this. */
async function keepText({ docs, name }: Table, { failure, at }: SeenFailure, now: number): Promise<void> {
  const Item = { ...classTextKey(failure.id), text: failure.text, first: at || isoTime(now) };
  const put = new PutCommand({ TableName: name, Item, ConditionExpression: 'attribute_not_exists(pk)' });
  await docs.send(put).catch((error: unknown) => {
    if (!isConditionFailed(error)) throw error;
  });
}

function isConditionFailed(error: unknown): boolean {
  return error instanceof Error && error.name === 'ConditionalCheckFailedException';
}

async function keepSamples(table: Table, id: string, failures: readonly SeenFailure[], now: number) {
  const samples = failures.slice(-MOST_SAMPLES).map(({ file, at }) => ({
    date_prefix: file.date_prefix,
    file_key: file.file_key,
    at,
  }));
  const Item = { pk: CLASSES, sk: id, samples, at: isoTime(now) };
  await table.docs.send(new PutCommand({ TableName: table.name, Item }));
}
