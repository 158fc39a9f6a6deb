import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';
import type { FailureClass } from '../pipeline/failure-class.ts';
import { recordKind, sinceOf } from '../pipeline/record.ts';
import { failureOfFile } from '../pipeline/record-failure.ts';
import type { RecordKey, TrackingRecord } from '../pipeline/tracking-table.ts';
import { isoTime } from '../text/time.ts';
import { CLASS_MARK, counterPartition } from './counter-kind.ts';
import { OTHER_CLASS } from './failure-counts.ts';

/** How many classes are counted separately; all others are counted together as `other`. */
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

/** What a process knows of classes. It reads them again after an hour, because they may have changed. */
export interface KnownClasses {
  /** What each is counted as. */
  readonly places: Map<string, string>;
  /** Classes that this process was the first to see, and has not reported yet. */
  readonly untold: FailureClass[];
  /** Classes that were counted separately when it last read them. */
  kept: ReadonlySet<string>;
  /** When it last read them, milliseconds since the epoch. */
  lookedAt: number;
}

const HOUR = 3_600_000;
// Limits the memory of a process that sees ever new texts that find no room.
const MOST_PLACES = 5 * MOST_CLASSES;

/** The partition of what is known of classes; separate from counters, because only requests for one class read it. */
export const CLASSES = 'CLASSES';
const KNOWN = { pk: CLASSES, sk: 'known' };

export function createKnownClasses(): KnownClasses {
  return { places: new Map(), untold: [], kept: new Set(), lookedAt: Number.NEGATIVE_INFINITY };
}

/** The ids of all classes that are counted separately. */
export async function readKnownClasses({ docs, name }: Table): Promise<ReadonlySet<string>> {
  const { Item } = await docs.send(new GetCommand({ TableName: name, Key: KNOWN, ConsistentRead: true }));
  return (Item?.ids as ReadonlySet<string> | undefined) ?? new Set();
}

/** What the failures of a class have in common, and when the first was seen, `…Z`; undefined until it is stored. */
export async function readClassText(
  { docs, name }: Table,
  classId: string,
): Promise<{ readonly text: string; readonly first: string } | undefined> {
  const { Item } = await docs.send(new GetCommand({ TableName: name, Key: classTextKey(classId) }));
  return Item && { text: String(Item.text), first: String(Item.first) };
}

/** The key of a class's text: beside its counters of everything, so that the same query finds it. */
function classTextKey(classId: string) {
  return { pk: counterPartition(undefined), sk: `${CLASS_MARK}${classId}` };
}

/**
 * Makes failure classes known before anything is counted in them. The first 200 are counted separately; a class without
 * room is counted as `other`, for as long as its head says so. Some files of each class are kept as samples, with new ones
 * once an hour.
 *
 * @param known new classes are added
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

/** Reads the classes once, so that a process without room does not try again with every text. */
async function lookAgain(table: Table, known: KnownClasses, now: number): Promise<void> {
  known.kept = await readKnownClasses(table);
  known.places.clear();
  known.lookedAt = now;
}

/** @returns false if there is no more room */
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

/** Every process does this, because the first one to see the class may have died before. */
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
