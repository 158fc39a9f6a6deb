import type { DynamoDBBatchResponse } from 'aws-lambda';
import type { FailureClass } from '../pipeline/failure-class.ts';
import type { PathedFile } from '../pipeline/sender.ts';
import { namedErrorText } from '../text/error-text.ts';
import { type FoldTask, foldTask, type Outcome } from './advance.ts';
import { type Applied, type ApplyDeps, applyTasks } from './apply.ts';
import { type DeadLetter, type DeadLetterStore, keepDeadLetter } from './dead-letters.ts';
import { type ClassPlaces, placeOf } from './failure-counts.ts';
import { fold } from './fold.ts';
import type { SeenFailure } from './known-classes.ts';
import type { SenderIds } from './known-senders.ts';
import { learn, type Seen } from './seen.ts';
import { parseStreamRecord } from './stream-record.ts';
import type { SeenSuffix } from './suffixes.ts';
import type { Transition } from './transition.ts';

/** What one batch did. */
export interface ConsumeReport extends Outcome {
  readonly records: number;
  readonly deadLetters: readonly { readonly key: string; readonly reason: string }[];
  /** What must be delivered again, and why; empty if the entire batch is done. */
  readonly unapplied: readonly { readonly record: unknown; readonly error: unknown }[];
  /** Transitions that this batch applied. */
  readonly transitions: readonly Transition[];
  /** Classes of failures that were never seen before. */
  readonly newClasses: readonly FailureClass[];
  /** Age of the newest record when it was applied, in milliseconds; undefined if the batch has no transitions. */
  readonly lagMillis: number | undefined;
}

type Kept = ConsumeReport['deadLetters'][number];
type Unapplied = ConsumeReport['unapplied'][number];

/** What a consumer keeps between batches, besides what applying needs. */
export interface ConsumeDeps extends ApplyDeps {
  readonly seen: Seen;
  /** The usual suffixes of files, which need not be noted, as in `TrackingTable`. */
  readonly usualSuffixes: readonly string[];
  /** Whether durations and sizes are also counted; by default, they are not. */
  readonly countsFlow?: boolean;
}

/**
 * Applies one batch of a tracking table's stream to the projection. A record that can never be applied is kept as a dead
 * letter, and the rest is applied; what may still be applied later is reported as unapplied. Never throws because of a
 * record, only if the projection table is unreachable.
 */
export async function consumeBatch(
  records: readonly unknown[],
  deps: ConsumeDeps,
  deadLetters: DeadLetterStore,
): Promise<ConsumeReport> {
  const { transitions: parsed, malformed, suffixes, failures } = parseAll(records);
  const dates = parsed.map(({ date_prefix }) => date_prefix);
  const files = parsed.flatMap((transition) => (transition.to === undefined ? [] : [pathAfter(transition)]));
  const { places, senderIdOf } = await learn(deps.projection, { dates, suffixes, failures, files }, deps);
  const transitions = parsed
    .map((transition) => asKnown(transition, places))
    .map((transition) => (deps.seen.senders ? withSenders(transition, senderIdOf) : transition));
  const tasks = fold(transitions).map((folded) => {
    const { countsFlow = false } = deps;
    return foldTask(deps.projection.name, { ...folded, countsFlow }, deps.now);
  });
  const applied = await applyTasks<Outcome, FoldTask>(tasks, deps);
  const letters = [...malformed, ...applied.flatMap(rejection)];
  const { kept, unkept } = await keepAll(letters, deadLetters, deps.now);
  const missed = applied.flatMap(missedRecords);
  const done = applied.flatMap((result) => (result.kind === 'done' ? [result] : []));
  return {
    ...sumOutcomes(done.map(({ outcome }) => outcome)),
    records: records.length,
    deadLetters: kept,
    unapplied: [...missed, ...unkept],
    transitions: done.flatMap(({ task, outcome }) => (outcome.applied > 0 ? task.folded.transitions : [])),
    newClasses: deps.seen.classes.untold.splice(0),
    lagMillis: lagOf(transitions, deps.now),
  };
}

function parseAll(records: readonly unknown[]) {
  const transitions: Transition[] = [];
  const malformed: DeadLetter[] = [];
  const suffixes: SeenSuffix[] = [];
  const failures: SeenFailure[] = [];
  for (const record of records) {
    const parsed = parseStreamRecord(record);
    if (parsed.kind !== 'malformed' && parsed.suffix) suffixes.push(parsed.suffix);
    if (parsed.kind === 'transition') {
      transitions.push(parsed.transition);
      const { failure, transition: file } = parsed;
      if (failure) failures.push({ failure, file, at: file.event.time });
    }
    if (parsed.kind === 'malformed') {
      malformed.push({ reason: `Not a tracking record's change: ${parsed.reason}.`, records: [record] });
    }
  }
  return { transitions, malformed, suffixes, failures };
}

/** Replaces each class by what it is counted as. */
function asKnown(transition: Transition, places: ClassPlaces): Transition {
  const { fromClass, toClass } = transition;
  if (fromClass === undefined && toClass === undefined) return transition;
  return { ...transition, fromClass: placeOf(places, fromClass), toClass: placeOf(places, toClass) };
}

function pathAfter({ date_prefix, file_key, toPath }: Transition): PathedFile {
  return { date_prefix, file_key, file_path: toPath };
}

/** Adds the senders as they are counted; usually one path gives both. */
function withSenders(transition: Transition, senderIdOf: SenderIds): Transition {
  const { date_prefix, file_key, from, to, fromPath, toPath } = transition;
  const toSender = to === undefined ? undefined : senderIdOf(pathAfter(transition));
  if (from === undefined) return { ...transition, toSender };
  const isSame = to !== undefined && fromPath === toPath;
  const fromSender = isSame ? toSender : senderIdOf({ date_prefix, file_key, file_path: fromPath });
  return { ...transition, fromSender, toSender };
}

function rejection(result: Applied<FoldTask, Outcome>): DeadLetter[] {
  if (result.kind !== 'rejected') return [];
  const reason = `The projection table refused it: ${namedErrorText(result.error)}`;
  return [{ reason, records: result.task.folded.transitions.map(({ source }) => source) }];
}

function missedRecords(result: Applied<FoldTask, Outcome>): Unapplied[] {
  if (result.kind !== 'unapplied') return [];
  return result.task.folded.transitions.map(({ source }) => ({ record: source, error: result.error }));
}

/** If a dead letter cannot be kept, its records stay in the stream: nothing is dropped. */
async function keepAll(
  letters: readonly DeadLetter[],
  store: DeadLetterStore,
  now: number,
): Promise<{ kept: Kept[]; unkept: Unapplied[] }> {
  const kept: Kept[] = [];
  const unkept: Unapplied[] = [];
  for (const letter of letters) {
    try {
      kept.push({ key: await keepDeadLetter(store, letter, now), reason: letter.reason });
    } catch (error) {
      unkept.push(...letter.records.map((record) => ({ record, error })));
    }
  }
  return { kept, unkept };
}

function sumOutcomes(outcomes: readonly Outcome[]): Outcome {
  const sum = (pick: (outcome: Outcome) => number) => outcomes.reduce((total, o) => total + pick(o), 0);
  return {
    applied: sum((o) => o.applied),
    duplicates: sum((o) => o.duplicates),
    late: sum((o) => o.late),
    gapsClosed: sum((o) => o.gapsClosed),
  };
}

function lagOf(transitions: readonly Transition[], now: number): number | undefined {
  if (transitions.length === 0) return undefined;
  const newest = transitions.reduce((latest, { streamedAt }) => Math.max(latest, streamedAt), 0);
  return Math.max(0, now - newest);
}

/**
 * The answer that makes Lambda deliver again from the first unapplied record on. The projection recognizes records that
 * come twice because of that. Lambda only uses the lowest sequence number:
 * https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 *
 * @param records the whole batch, in stream order
 */
export function batchFailures(
  records: readonly unknown[],
  unapplied: readonly { readonly record: unknown }[],
): DynamoDBBatchResponse {
  const missed = new Set(unapplied.map(({ record }) => record));
  const first = records.findIndex((record) => missed.has(record));
  if (first < 0) return { batchItemFailures: [] };
  // A record without a number cannot be named, so the nearest earlier one with a number is used instead.
  const numbers = records.slice(0, first + 1).map(sequenceNumber);
  return { batchItemFailures: [{ itemIdentifier: numbers.findLast((number) => number) ?? '' }] };
}

function sequenceNumber(record: unknown): string | undefined {
  const number = (record as { dynamodb?: { SequenceNumber?: unknown } } | null)?.dynamodb?.SequenceNumber;
  return typeof number === 'string' ? number : undefined;
}
