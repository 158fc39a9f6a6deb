import { type CancellationReason, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Deps } from '../aws/deps.ts';
import { classifyFault } from '../aws/faults.ts';
import type { Entity } from '../pipeline/record.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import { counterPartition } from './counter-kind.ts';
import { counterWrites } from './counter-writes.ts';
import type { Head } from './head.ts';
import type { HeadWrite } from './head-writes.ts';
import { type HeadItem, readHeadItem } from './items.ts';
import { readHead, readPageEvents } from './projection-table.ts';
import { createWriter, type Writer } from './writer.ts';

/** What applying needs. */
export interface ApplyDeps extends Pick<Deps, 'projection' | 'now' | 'random' | 'sleep' | 'remainingMillis'> {
  /** Frequent callers keep it between calls; it is never shared by two calls that run at the same time. */
  readonly writer?: Writer | undefined;
  /** Whether it applies what the stream delivered before: it then does not show how far the consumer is. */
  readonly isReplay?: boolean | undefined;
}

/** With the writer that all transactions of a call share. */
type WriterDeps = ApplyDeps & { readonly writer: Writer };

/** What to do with one head. It is decided from the head, again if the head has changed. */
export interface HeadTask<O> extends RecordKey {
  readonly entity: Entity;
  /** The decision without reading the head, guarded by a condition; undefined if the head must be read. */
  blind(): Decision<O> | undefined;
  /** Whether the decision depends on the events in the head's pages. */
  needsPages(head: Head | undefined): boolean;
  /** @param known positions of the events in the head's pages, if they are needed */
  decide(head: Head | undefined, known: ReadonlySet<string>): Decision<O>;
}

/** An outcome and its write; without a write, nothing needs to be written. */
export interface Decision<O> {
  readonly outcome: O;
  readonly write?: HeadWrite;
}

/** The result of one task. */
export type Applied<T, O> = { readonly task: T } & (
  | { readonly kind: 'done'; readonly outcome: O }
  /** Retries can never apply it. */
  | { readonly kind: 'rejected'; readonly error: unknown }
  /** A later retry may apply it. */
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

// A transaction may also not exceed 4 MB, but a hundred heads and pages of about a kilobyte never do.
const ACTIONS_PER_TRANSACTION = 100;
const LONGEST_CONTENTION = 12;
// The rest of an invocation must be long enough for dead letters and the answer.
const RESERVE_MILLIS = 3_000;
const SHORTEST_WAIT_MILLIS = 25;
const LONGEST_WAIT_MILLIS = 2_000;

/**
 * Does tasks on heads, each exactly once, whatever was done before: a head changes in one transaction with the counters,
 * under a condition that fails if the decision no longer fits. Transactions run one after another, because two at a time
 * would conflict on the counters. Never throws.
 */
export async function applyTasks<O, T extends HeadTask<O>>(
  tasks: readonly T[],
  deps: ApplyDeps,
): Promise<Applied<T, O>[]> {
  const writer = deps.writer ?? createWriter(deps.random);
  const applied: Applied<T, O>[] = [];
  for (let from = 0; from < tasks.length; ) {
    const group = tasks.slice(from, from + writer.heads());
    applied.push(...(await applyGroup<O, T>(group, { ...deps, writer })));
    from += group.length;
  }
  return applied;
}

/** Does some tasks, mostly in one transaction, until each is done, has failed for good, or is out of time. */
async function applyGroup<O, T extends HeadTask<O>>(
  group: readonly T[],
  deps: WriterDeps,
): Promise<Applied<T, O>[]> {
  const results: Applied<T, O>[] = [];
  try {
    let open = openOf(await decideAll<O, T>(group, deps), results);
    for (let attempt = 0; open.length > 0; attempt++) {
      const part = fitting(open);
      const others = open.slice(part.length);
      const error = await tryWrite(part, deps);
      if (error === undefined) {
        results.push(...part.map(done));
        open = others;
        attempt = -1;
        continue;
      }
      const fault = classifyFault(error);
      const isHopeless = fault === 'rejected' || fault === 'fatal';
      if (isHopeless || !(await mayRetry(fault, attempt, deps))) throw error;
      open = [...openOf(await decideAgain(part, error, deps), results), ...others];
    }
    return results;
  } catch (error) {
    const finished = new Set(results.map(({ task }) => task));
    const rest = group.filter((task) => !finished.has(task));
    // This applies to writes and to reads of heads: a key that is too long can be neither written nor read.
    if (classifyFault(error) === 'rejected') {
      return [...results, ...(await bisect<O, T>(rest, error, deps))];
    }
    return [...results, ...rest.map((task): Applied<T, O> => ({ task, kind: 'unapplied', error }))];
  }
}

/** Narrows a request that can never succeed down to the one head that causes it, so that the others are applied. */
async function bisect<O, T extends HeadTask<O>>(
  tasks: readonly T[],
  error: unknown,
  deps: WriterDeps,
): Promise<Applied<T, O>[]> {
  const [only] = tasks;
  if (only && tasks.length === 1) return [{ task: only, kind: 'rejected', error }];
  const middle = Math.ceil(tasks.length / 2);
  const first = await applyGroup<O, T>(tasks.slice(0, middle), deps);
  return [...first, ...(await applyGroup<O, T>(tasks.slice(middle), deps))];
}

async function mayRetry(fault: 'contended' | 'busy', attempt: number, deps: ApplyDeps) {
  if (fault === 'contended' && attempt >= LONGEST_CONTENTION) return false;
  // After contention, retries start soon and with jitter, so that two consumers do not collide again in step.
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

/** Decides tasks again whose condition failed, from the heads that came with the failure. */
async function decideAgain<O, T extends HeadTask<O>>(
  open: readonly OpenTask<T, O>[],
  error: unknown,
  deps: ApplyDeps,
): Promise<DecidedTask<T, O>[]> {
  const reasons = reasonsOf(error);
  let first = 0;
  return Promise.all(
    open.map(async (decided) => {
      const reason = reasons[first];
      first += decided.write.items.length;
      if (reason?.Code !== 'ConditionalCheckFailed') return decided;
      // The item always has raw attribute values, whichever client sent the transaction.
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

/** Adds tasks that need no write to the results, and returns those that are still to be written. */
function openOf<T, O>(decided: readonly DecidedTask<T, O>[], results: Applied<T, O>[]): OpenTask<T, O>[] {
  for (const task of decided) if (!task.write) results.push(done(task));
  return decided.flatMap(({ task, outcome, write }) => (write ? [{ task, outcome, write }] : []));
}

/** The first of them, as many as fit into a transaction beside the counters, but at least one. */
function fitting<T, O>(open: readonly OpenTask<T, O>[]): readonly OpenTask<T, O>[] {
  // The counter of everything is always written.
  const counters = new Set([`|${counterPartition(undefined)}`]);
  let heads = 0;
  const end = open.findIndex(({ write }) => {
    heads += write.items.length;
    for (const { pk, part } of write.changes) counters.add(`${part}|${pk}`);
    return heads + counters.size > ACTIONS_PER_TRANSACTION;
  });
  return end < 0 ? open : open.slice(0, Math.max(1, end));
}

/** @returns the error, or undefined if the transaction was committed */
async function tryWrite(
  open: readonly { readonly write: HeadWrite }[],
  { projection, now, writer, isReplay = false }: WriterDeps,
): Promise<unknown> {
  const writes = open.map(({ write }) => (isReplay ? { ...write, asOf: undefined } : write));
  const heads = writes.flatMap(({ items }) => [...items]);
  const counters = counterWrites(projection.name, writes, writer.slot(), now);
  try {
    await projection.docs.send(new TransactWriteCommand({ TransactItems: [...heads, ...counters] }));
    writer.committed();
    return undefined;
  } catch (error) {
    const codes = reasonsOf(error).map(({ Code }) => Code);
    const ofCounters = codes.splice(heads.length);
    if (ofCounters.includes('TransactionConflict')) writer.metOnCounters();
    // The counters' only condition is that their slot is open.
    if (ofCounters.includes('ConditionalCheckFailed')) writer.metClosed();
    if (codes.includes('ConditionalCheckFailed')) writer.conditionFailed();
    return error;
  }
}

function reasonsOf(error: unknown): readonly CancellationReason[] {
  return error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
}

function done<T, O>({ task, outcome }: DecidedTask<T, O>): Applied<T, O> {
  return { task, kind: 'done', outcome };
}
