import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import pMap from 'p-map';
import type { Applied, ApplyDeps, Decision, HeadTask } from '../../shared/projection/apply.ts';
import { counterWrites } from '../../shared/projection/counter-writes.ts';
import type { HeadWrite } from '../../shared/projection/head-writes.ts';
import { type HeadItem, readHeadItem } from '../../shared/projection/items.ts';
import { chunks } from './numbers.ts';

const HEADS_PER_TRANSACTION = 25;
const CONCURRENT_TRANSACTIONS = 4;
const SLOTS = 4;
const LONGEST_CONTENTION = 12;
const SHORTEST_WAIT_MILLIS = 25;
const LONGEST_WAIT_MILLIS = 2_000;

/**
 * The former design, as a baseline: small transactions, four at a time, each in the next of four slots, starting at a
 * random one for each batch. It handles only first writes, and no fault except cancellation.
 */
export async function formerApply<O, T extends HeadTask<O>>(
  tasks: readonly T[],
  deps: ApplyDeps,
): Promise<Applied<T, O>[]> {
  const slot = Math.floor(deps.random() * SLOTS);
  const groups = chunks(tasks, HEADS_PER_TRANSACTION);
  const apply = (group: readonly T[], i: number) => applyGroup<O, T>(group, slot + i, deps);
  return (await pMap(groups, apply, { concurrency: CONCURRENT_TRANSACTIONS })).flat();
}

async function applyGroup<O, T extends HeadTask<O>>(
  group: readonly T[],
  slot: number,
  deps: ApplyDeps,
): Promise<Applied<T, O>[]> {
  let open = group.map((task) => ({ task, decision: task.blind() ?? task.decide(undefined, NONE) }));
  const results: Applied<T, O>[] = [];
  for (let attempt = 0; ; attempt++) {
    const writes = open.flatMap(({ decision }) => decision.write ?? []);
    const error = await tryWrite(writes, (slot + attempt) % SLOTS, deps);
    if (error === undefined) return [...results, ...open.map(done)];
    if (attempt >= LONGEST_CONTENTION) {
      return [...results, ...open.map(({ task }): Applied<T, O> => ({ task, kind: 'unapplied', error }))];
    }
    await deps.sleep(
      deps.random() * (Math.min(LONGEST_WAIT_MILLIS, SHORTEST_WAIT_MILLIS * 2 ** attempt) / 4),
    );
    const decided = decideAgain(open, error);
    results.push(...decided.filter(({ decision }) => !decision.write).map(done));
    open = decided.filter(({ decision }) => decision.write);
    if (open.length === 0) return results;
  }
}

const NONE: ReadonlySet<string> = new Set();

interface Open<T, O> {
  readonly task: T;
  readonly decision: Decision<O>;
}

function done<T, O>({ task, decision: { outcome } }: Open<T, O>): Applied<T, O> {
  return { task, kind: 'done', outcome };
}

function decideAgain<O, T extends HeadTask<O>>(open: readonly Open<T, O>[], error: unknown): Open<T, O>[] {
  const { CancellationReasons = [] } = error as TransactionCanceledException;
  return open.map((one, i) => {
    const { Code, Item } = CancellationReasons[i] ?? {};
    if (Code !== 'ConditionalCheckFailed') return one;
    const head = Item && readHeadItem(unmarshall(Item) as HeadItem);
    return { task: one.task, decision: one.task.decide(head, NONE) };
  });
}

async function tryWrite(
  writes: readonly HeadWrite[],
  slot: number,
  { projection, now }: ApplyDeps,
): Promise<unknown> {
  const heads = writes.flatMap(({ items }) => [...items]);
  const TransactItems = [...heads, ...counterWrites(projection.name, writes, slot, now)];
  try {
    await projection.docs.send(new TransactWriteCommand({ TransactItems }));
    return undefined;
  } catch (error) {
    if (error instanceof TransactionCanceledException) return error;
    throw error;
  }
}
