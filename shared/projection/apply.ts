import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import pMap from 'p-map';
import { classifyFault } from '../aws/faults.ts';
import type { Folded } from './fold.ts';
import type { Head } from './head.ts';
import { blindWrite, counterWrites, type HeadWrite, settledWrite, type WriteItem } from './head-writes.ts';
import { type HeadItem, readHeadItem, SLOTS } from './items.ts';
import { type ProjectionTable, readHead, readPageEvents } from './projection-table.ts';
import { needsPages, type Outcome } from './settle.ts';

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

/** What became of one fold. */
export type Applied = { readonly folded: Folded } & (
  | { readonly kind: 'settled'; readonly outcome: Outcome }
  /** No retry can ever apply it: it belongs with the dead letters. */
  | { readonly kind: 'rejected'; readonly error: unknown }
  /** It may be applied when the batch comes again. */
  | { readonly kind: 'unapplied'; readonly error: unknown }
);

const HEADS_PER_TRANSACTION = 25;
const CONCURRENT_TRANSACTIONS = 4;
const LONGEST_CONTENTION = 12;
// What is left of an invocation must suffice for dead letters and the answer.
const RESERVE_MILLIS = 3_000;
const SHORTEST_WAIT_MILLIS = 25;
const LONGEST_WAIT_MILLIS = 2_000;

/**
 * Applies folds to the projection, exactly once whatever was applied before: each head moves in one
 * transaction with the counters, under a condition that only holds when the fold is news. Never throws.
 */
export async function applyFolds(folds: readonly Folded[], context: ApplyContext): Promise<Applied[]> {
  const slot = Math.floor(context.random() * SLOTS);
  const groups = chunks(folds, HEADS_PER_TRANSACTION);
  const applied = await pMap(groups, (group, i) => applyGroup(group, slot + i, context), {
    concurrency: CONCURRENT_TRANSACTIONS,
  });
  return applied.flat();
}

/** One transaction's worth of folds, until each is settled, found to be at fault, or out of time. */
async function applyGroup(group: readonly Folded[], slot: number, context: ApplyContext): Promise<Applied[]> {
  const done: Applied[] = [];
  let open: HeadWrite[] = [];
  try {
    open = settleKnown(await planAll(group, context), done);
    for (let attempt = 0; open.length > 0; attempt++) {
      const error = await tryWrite(open, slot + attempt, context);
      if (error === undefined) return [...done, ...open.map(settled)];
      const fault = classifyFault(error);
      if (fault === 'rejected') return [...done, ...(await bisect(open, slot, error, context))];
      if (fault === 'fatal' || !(await mayRetry(fault, attempt, context))) throw error;
      open = settleKnown(await replan(open, error, context), done);
    }
    return done;
  } catch (error) {
    const finished = new Set(done.map(({ folded }) => folded));
    const rest = group.filter((folded) => !finished.has(folded));
    return [...done, ...rest.map((folded): Applied => ({ folded, kind: 'unapplied', error }))];
  }
}

/** Narrows a request that can never succeed down to the one file at fault, so that the others go on. */
async function bisect(
  open: readonly HeadWrite[],
  slot: number,
  error: unknown,
  context: ApplyContext,
): Promise<Applied[]> {
  const folds = open.map(({ folded }) => folded);
  const [only] = folds;
  if (only && folds.length === 1) return [{ folded: only, kind: 'rejected', error }];
  const middle = Math.ceil(folds.length / 2);
  const first = await applyGroup(folds.slice(0, middle), slot, context);
  return [...first, ...(await applyGroup(folds.slice(middle), slot, context))];
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

type Planned = { readonly folded: Folded; readonly outcome: Outcome; readonly write?: HeadWrite };

async function planAll(group: readonly Folded[], context: ApplyContext): Promise<Planned[]> {
  return Promise.all(
    group.map(async (folded) => {
      const write = blindWrite(context.table.name, folded, context.now);
      if (write) return { folded, outcome: write.outcome, write };
      return planWith(await readHead(context.table, folded.entity, folded), folded, context);
    }),
  );
}

/** Plans the writes anew whose condition failed, from the heads that came back with the failure. */
async function replan(open: readonly HeadWrite[], error: unknown, context: ApplyContext): Promise<Planned[]> {
  const reasons = error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
  let first = 0;
  return Promise.all(
    open.map(async (write) => {
      const reason = reasons[first];
      first += write.items.length;
      if (reason?.Code !== 'ConditionalCheckFailed') return { ...write, write };
      // The item comes in raw attribute values, whichever client sent the transaction.
      const head = reason.Item && readHeadItem(unmarshall(reason.Item) as HeadItem);
      return planWith(head, write.folded, context);
    }),
  );
}

async function planWith(head: Head | undefined, folded: Folded, context: ApplyContext): Promise<Planned> {
  const pages = needsPages(head, folded) ? await readPageEvents(context.table, folded) : [];
  const known = new Set(pages.map(({ position }) => position));
  return { folded, ...settledWrite(context.table.name, folded, head, known, context.now) };
}

/** Sets aside what needs no write, and returns the writes that are left. */
function settleKnown(planned: readonly Planned[], done: Applied[]): HeadWrite[] {
  for (const plan of planned) if (!plan.write) done.push(settled(plan));
  return planned.flatMap(({ write }) => write ?? []);
}

/** @returns the error, or undefined when the transaction was committed */
async function tryWrite(open: readonly HeadWrite[], slot: number, context: ApplyContext): Promise<unknown> {
  const { docs, name } = context.table;
  const asOf = Math.max(...open.flatMap(({ folded }) => folded.transitions.map((t) => t.streamedAt)));
  const heads: WriteItem[] = open.flatMap(({ items }) => [...items]);
  const counters = counterWrites(name, open, slot, asOf, context.now);
  try {
    await docs.send(new TransactWriteCommand({ TransactItems: [...heads, ...counters] }));
    return undefined;
  } catch (error) {
    return error;
  }
}

function settled({ folded, outcome }: { folded: Folded; outcome: Outcome }): Applied {
  return { folded, kind: 'settled', outcome };
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}
