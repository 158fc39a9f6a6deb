import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import pMap from 'p-map';
import { classifyFault } from '../aws/faults.ts';
import { counterWrites } from './counter-writes.ts';
import type { Head } from './head.ts';
import type { HeadWrite } from './head-writes.ts';
import { type HeadItem, type RecordId, readHeadItem, SLOTS } from './items.ts';
import { type ProjectionTable, readHead, readPageEvents } from './projection-table.ts';
import type { Entity } from './transition.ts';

/** What applying needs from outside: the table, and everything that a test wants to hold still. */
export interface ApplyContext {
  readonly table: ProjectionTable;
  /** Milliseconds since the epoch, read once per invocation. */
  readonly now: number;
  /** Evenly distributed in [0, 1). */
  random(): number;
  sleep(millis: number): Promise<void>;
  /** How long the invocation may still take. */
  remainingMillis(): number;
}

/** What is to be done with one head: decided from the head, as often as it takes. */
export interface HeadTask<O> extends RecordId {
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
  | { readonly kind: 'settled'; readonly outcome: O }
  /** No retry can ever apply it. */
  | { readonly kind: 'rejected'; readonly error: unknown }
  /** It may be applied when it is tried again later. */
  | { readonly kind: 'unapplied'; readonly error: unknown }
);

/** A task with its decision. */
interface Planned<T, O> extends Decision<O> {
  readonly task: T;
}

/** A task whose decision is yet to be written. */
interface Open<T, O> extends Planned<T, O> {
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
  context: ApplyContext,
): Promise<Applied<T, O>[]> {
  const slot = Math.floor(context.random() * SLOTS);
  const groups = chunks(tasks, HEADS_PER_TRANSACTION);
  const applied = await pMap(groups, (group, i) => applyGroup<O, T>(group, slot + i, context), {
    concurrency: CONCURRENT_TRANSACTIONS,
  });
  return applied.flat();
}

/** One transaction's worth of tasks, until each is settled, found to be at fault, or out of time. */
async function applyGroup<O, T extends HeadTask<O>>(
  group: readonly T[],
  slot: number,
  context: ApplyContext,
): Promise<Applied<T, O>[]> {
  const done: Applied<T, O>[] = [];
  try {
    let open = settleKnown(await planAll<O, T>(group, context), done);
    for (let attempt = 0; open.length > 0; attempt++) {
      const error = await tryWrite(open, slot + attempt, context);
      if (error === undefined) return [...done, ...open.map(settled)];
      const fault = classifyFault(error);
      const isHopeless = fault === 'rejected' || fault === 'fatal';
      if (isHopeless || !(await mayRetry(fault, attempt, context))) throw error;
      open = settleKnown(await replan(open, error, context), done);
    }
    return done;
  } catch (error) {
    const finished = new Set(done.map(({ task }) => task));
    const rest = group.filter((task) => !finished.has(task));
    // Whether it was a write or a look at the heads: a key that is too long can be neither written nor read.
    if (classifyFault(error) === 'rejected') {
      return [...done, ...(await bisect<O, T>(rest, slot, error, context))];
    }
    return [...done, ...rest.map((task): Applied<T, O> => ({ task, kind: 'unapplied', error }))];
  }
}

/** Narrows a request that can never succeed down to the one head at fault, so that the others go on. */
async function bisect<O, T extends HeadTask<O>>(
  tasks: readonly T[],
  slot: number,
  error: unknown,
  context: ApplyContext,
): Promise<Applied<T, O>[]> {
  const [only] = tasks;
  if (only && tasks.length === 1) return [{ task: only, kind: 'rejected', error }];
  const middle = Math.ceil(tasks.length / 2);
  const first = await applyGroup<O, T>(tasks.slice(0, middle), slot, context);
  return [...first, ...(await applyGroup<O, T>(tasks.slice(middle), slot, context))];
}

async function mayRetry(fault: 'contended' | 'busy', attempt: number, context: ApplyContext) {
  if (fault === 'contended' && attempt >= LONGEST_CONTENTION) return false;
  // Contention starts at once and with jitter: two consumers must not meet again in step.
  const ceiling = Math.min(LONGEST_WAIT_MILLIS, SHORTEST_WAIT_MILLIS * 2 ** attempt);
  const wait = context.random() * (fault === 'busy' ? ceiling : ceiling / 4);
  if (context.remainingMillis() - wait < RESERVE_MILLIS) return false;
  await context.sleep(wait);
  return true;
}

async function planAll<O, T extends HeadTask<O>>(
  group: readonly T[],
  context: ApplyContext,
): Promise<Planned<T, O>[]> {
  return Promise.all(
    group.map(async (task) => {
      const decision = task.blind();
      if (decision) return { ...decision, task };
      return planWith<O, T>(await readHead(context.table, task.entity, task), task, context);
    }),
  );
}

/** Plans the writes anew whose condition failed, from the heads that came back with the failure. */
async function replan<O, T extends HeadTask<O>>(
  open: readonly Open<T, O>[],
  error: unknown,
  context: ApplyContext,
): Promise<Planned<T, O>[]> {
  const reasons = error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
  let first = 0;
  return Promise.all(
    open.map(async (plan) => {
      const reason = reasons[first];
      first += plan.write.items.length;
      if (reason?.Code !== 'ConditionalCheckFailed') return plan;
      // The item comes in raw attribute values, whichever client sent the transaction.
      const head = reason.Item && readHeadItem(unmarshall(reason.Item) as HeadItem);
      return planWith<O, T>(head, plan.task, context);
    }),
  );
}

async function planWith<O, T extends HeadTask<O>>(
  head: Head | undefined,
  task: T,
  context: ApplyContext,
): Promise<Planned<T, O>> {
  const pages = task.needsPages(head) ? await readPageEvents(context.table, task) : [];
  return { task, ...task.decide(head, new Set(pages.map(({ position }) => position))) };
}

/** Sets aside what needs no write, and returns the plans that are left. */
function settleKnown<T, O>(planned: readonly Planned<T, O>[], done: Applied<T, O>[]): Open<T, O>[] {
  for (const plan of planned) if (!plan.write) done.push(settled(plan));
  return planned.flatMap(({ task, outcome, write }) => (write ? [{ task, outcome, write }] : []));
}

/** @returns the error, or undefined when the transaction was committed */
async function tryWrite(
  open: readonly { readonly write: HeadWrite }[],
  slot: number,
  { table, now }: ApplyContext,
): Promise<unknown> {
  const writes = open.map(({ write }) => write);
  const TransactItems = [
    ...writes.flatMap(({ items }) => [...items]),
    ...counterWrites(table.name, writes, slot, now),
  ];
  try {
    await table.docs.send(new TransactWriteCommand({ TransactItems }));
    return undefined;
  } catch (error) {
    return error;
  }
}

function settled<T, O>({ task, outcome }: Planned<T, O>): Applied<T, O> {
  return { task, kind: 'settled', outcome };
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}
