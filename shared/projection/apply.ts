import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import pMap from 'p-map';
import type { Deps } from '../aws/deps.ts';
import { classifyFault } from '../aws/faults.ts';
import type { Entity } from '../pipeline/record.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import { SLOTS } from './counter-items.ts';
import { counterWrites } from './counter-writes.ts';
import type { Head } from './head.ts';
import type { HeadWrite } from './head-writes.ts';
import { type HeadItem, readHeadItem } from './items.ts';
import { readHead, readPageEvents } from './projection-table.ts';

/** What applying works on. */
export type ApplyDeps = Pick<Deps, 'projection' | 'now' | 'random' | 'sleep' | 'remainingMillis'>;

/** What is to be done with one head: decided from the head, as often as it takes. */
export interface HeadTask<O> extends RecordKey {
  readonly entity: Entity;
  /** The decision without a look at the head, guarded by its condition; undefined when a look is needed. */
  blind(): Decision<O> | undefined;
  /** Whether the decision depends on the events in the head's pages. */
  needsPages(head: Head | undefined): boolean;
  /** @param known positions of the events in the head's pages, where they are needed */
  decide(head: Head | undefined, known: ReadonlySet<string>): Decision<O>;
}

/** An outcome, and the write that brings it about; without one nothing needs to be written. */
export interface Decision<O> {
  readonly outcome: O;
  readonly write?: HeadWrite;
}

/** What became of one task. */
export type Applied<T, O> = { readonly task: T } & (
  | { readonly kind: 'done'; readonly outcome: O }
  /** No retry can ever apply it. */
  | { readonly kind: 'rejected'; readonly error: unknown }
  /** It may be applied when it is tried again later. */
  | { readonly kind: 'unapplied'; readonly error: unknown }
);

/** A task with its decision. */
interface DecidedTask<T, O> extends Decision<O> {
  readonly task: T;
}

/** A task whose decision is yet to be written. */
interface OpenTask<T, O> extends DecidedTask<T, O> {
  readonly write: HeadWrite;
}

const HEADS_PER_TRANSACTION = 25;
const CONCURRENT_TRANSACTIONS = 4;
const LONGEST_CONTENTION = 12;
// What is left of an invocation must suffice for dead letters and the answer.
const RESERVE_MILLIS = 3_000;
const SHORTEST_WAIT_MILLIS = 25;
const LONGEST_WAIT_MILLIS = 2_000;

/**
 * Carries out tasks on heads, each exactly once whatever was done before: a head changes in one transaction
 * with the counters, under a condition that fails when the decision no longer fits. Never throws.
 */
export async function applyTasks<O, T extends HeadTask<O>>(
  tasks: readonly T[],
  deps: ApplyDeps,
): Promise<Applied<T, O>[]> {
  const slot = Math.floor(deps.random() * SLOTS);
  const groups = chunks(tasks, HEADS_PER_TRANSACTION);
  const applied = await pMap(groups, (group, i) => applyGroup<O, T>(group, slot + i, deps), {
    concurrency: CONCURRENT_TRANSACTIONS,
  });
  return applied.flat();
}

/** One transaction's worth of tasks, until each is done, found to be at fault, or out of time. */
async function applyGroup<O, T extends HeadTask<O>>(
  group: readonly T[],
  slot: number,
  deps: ApplyDeps,
): Promise<Applied<T, O>[]> {
  const results: Applied<T, O>[] = [];
  try {
    let open = openOf(await decideAll<O, T>(group, deps), results);
    for (let attempt = 0; open.length > 0; attempt++) {
      const error = await tryWrite(open, slot + attempt, deps);
      if (error === undefined) return [...results, ...open.map(done)];
      const fault = classifyFault(error);
      const isHopeless = fault === 'rejected' || fault === 'fatal';
      if (isHopeless || !(await mayRetry(fault, attempt, deps))) throw error;
      open = openOf(await decideAgain(open, error, deps), results);
    }
    return results;
  } catch (error) {
    const finished = new Set(results.map(({ task }) => task));
    const rest = group.filter((task) => !finished.has(task));
    // Whether it was a write or a look at the heads: a key that is too long can be neither written nor read.
    if (classifyFault(error) === 'rejected') {
      return [...results, ...(await bisect<O, T>(rest, slot, error, deps))];
    }
    return [...results, ...rest.map((task): Applied<T, O> => ({ task, kind: 'unapplied', error }))];
  }
}

/** Narrows a request that can never succeed down to the one head at fault, so that the others go on. */
async function bisect<O, T extends HeadTask<O>>(
  tasks: readonly T[],
  slot: number,
  error: unknown,
  deps: ApplyDeps,
): Promise<Applied<T, O>[]> {
  const [only] = tasks;
  if (only && tasks.length === 1) return [{ task: only, kind: 'rejected', error }];
  const middle = Math.ceil(tasks.length / 2);
  const first = await applyGroup<O, T>(tasks.slice(0, middle), slot, deps);
  return [...first, ...(await applyGroup<O, T>(tasks.slice(middle), slot, deps))];
}

async function mayRetry(fault: 'contended' | 'busy', attempt: number, deps: ApplyDeps) {
  if (fault === 'contended' && attempt >= LONGEST_CONTENTION) return false;
  // Contention starts at once and with jitter: two consumers must not meet again in step.
  const ceiling = Math.min(LONGEST_WAIT_MILLIS, SHORTEST_WAIT_MILLIS * 2 ** attempt);
  const wait = deps.random() * (fault === 'busy' ? ceiling : ceiling / 4);
  if (deps.remainingMillis() - wait < RESERVE_MILLIS) return false;
  await deps.sleep(wait);
  return true;
}

async function decideAll<O, T extends HeadTask<O>>(
  group: readonly T[],
  deps: ApplyDeps,
): Promise<DecidedTask<T, O>[]> {
  return Promise.all(
    group.map(async (task) => {
      const decision = task.blind();
      if (decision) return { ...decision, task };
      return decideWith<O, T>(await readHead(deps.projection, task), task, deps);
    }),
  );
}

/** Decides again what failed its condition, from the heads that came back with the failure. */
async function decideAgain<O, T extends HeadTask<O>>(
  open: readonly OpenTask<T, O>[],
  error: unknown,
  deps: ApplyDeps,
): Promise<DecidedTask<T, O>[]> {
  const reasons = error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
  let first = 0;
  return Promise.all(
    open.map(async (decided) => {
      const reason = reasons[first];
      first += decided.write.items.length;
      if (reason?.Code !== 'ConditionalCheckFailed') return decided;
      // The item comes in raw attribute values, whichever client sent the transaction.
      const head = reason.Item && readHeadItem(unmarshall(reason.Item) as HeadItem);
      return decideWith<O, T>(head, decided.task, deps);
    }),
  );
}

async function decideWith<O, T extends HeadTask<O>>(
  head: Head | undefined,
  task: T,
  deps: ApplyDeps,
): Promise<DecidedTask<T, O>> {
  const pages = task.needsPages(head) ? await readPageEvents(deps.projection, task) : [];
  return { task, ...task.decide(head, new Set(pages.map(({ position }) => position))) };
}

/** Adds what needs no write to the results, and returns what is left to be written. */
function openOf<T, O>(decided: readonly DecidedTask<T, O>[], results: Applied<T, O>[]): OpenTask<T, O>[] {
  for (const task of decided) if (!task.write) results.push(done(task));
  return decided.flatMap(({ task, outcome, write }) => (write ? [{ task, outcome, write }] : []));
}

/** @returns the error, or undefined when the transaction was committed */
async function tryWrite(
  open: readonly { readonly write: HeadWrite }[],
  slot: number,
  { projection, now }: ApplyDeps,
): Promise<unknown> {
  const writes = open.map(({ write }) => write);
  const TransactItems = [
    ...writes.flatMap(({ items }) => [...items]),
    ...counterWrites(projection.name, writes, slot, now),
  ];
  try {
    await projection.docs.send(new TransactWriteCommand({ TransactItems }));
    return undefined;
  } catch (error) {
    return error;
  }
}

function done<T, O>({ task, outcome }: DecidedTask<T, O>): Applied<T, O> {
  return { task, kind: 'done', outcome };
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}
