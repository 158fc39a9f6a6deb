import { retryDelayMilliseconds } from './batch.ts';
import { type LambdaStreamRecord, latestCreation } from './event.ts';
import { eventFilter } from './event-filter.ts';
import type { ShardContext, ShardEvent, StreamMapping } from './shard.ts';
import { createShardSet } from './shards.ts';
import { createIdleness, createSleeper, type Sleep, type Sleeper, sleep } from './waiting.ts';

export interface StreamRunnerOptions extends StreamMapping {
  /** The mapping's filter patterns, as JSON texts; without them the function gets every record. */
  filterPatterns?: readonly string[];
  /** The pause after a read that found nothing; by default 250, as Lambda reads four times a second. */
  pollMilliseconds?: number;
  now?(): Date;
  sleep?: Sleep;
}

export interface StreamRunner {
  progress(): StreamProgress;
  /** Resolves when everything that was in the stream at the time of the call is done; rejects if stopped before. */
  idle(): Promise<void>;
  /** Lets the invocations in flight finish, and starts no more. */
  stop(): Promise<void>;
}

export interface StreamProgress extends Tally {
  /** Shards being read. */
  shards: number;
  /** The age of the oldest record that has been read and is not done; 0 if there is none. */
  behindSeconds: number;
}

interface Tally {
  /** Records the function has processed, each counted once. */
  delivered: number;
  /** Invocations, including failed ones. */
  batches: number;
  /** Invocations that failed and were followed by another one. */
  retries: number;
  discarded: number;
  /** Records that the filter stopped. */
  filtered: number;
  /** Faults of the stream, the destination or the function's host that were survived. */
  problems: number;
  lastProblem?: string;
  /** Records that could not be converted: the function never gets them. */
  leftOut: number;
  /** The keys of the last of them, and why. */
  lastLeftOut?: string;
}

/** How often to look for new shards; at the end of a shard, it happens immediately. */
const DISCOVERY_MILLISECONDS = 10_000;

/**
 * Invokes a function with the records of a DynamoDB stream as a Lambda event source mapping does: from the oldest
 * record on, shards and their children in order, filter, batches, retries, bisection, partial responses, discards
 * to S3. Every record that passes the filter is processed at least once or kept in the destination. Rejects when
 * the stream cannot be described.
 */
export async function startStreamRunner(options: StreamRunnerOptions): Promise<StreamRunner> {
  const none = { delivered: 0, batches: 0, retries: 0, discarded: 0, filtered: 0, problems: 0, leftOut: 0 };
  let tally: Tally = none;
  const onEvent = (event: ShardEvent) => {
    tally = count(tally, event);
  };
  const context: ShardContext = {
    pollMilliseconds: 250,
    now: () => new Date(),
    sleep,
    ...options,
    filter: eventFilter(options.filterPatterns ?? []),
    onEvent,
  };
  const idleness = createIdleness();
  const sleeper = createSleeper(context.sleep);
  const shards = createShardSet(context, idleness, sleeper.wake);
  await shards.discover();
  const discovery = repeat(shards.discover, sleeper, onEvent);

  return {
    progress() {
      const running = shards.running();
      const waiting = running.flatMap((shard) => shard.waiting() ?? []);
      return { ...tally, shards: running.length, behindSeconds: secondsBehind(waiting, context.now()) };
    },
    async idle() {
      const idle = idleness.wait();
      for (const { wake } of [sleeper, ...shards.running()]) wake();
      await idle;
    },
    async stop() {
      sleeper.retire();
      // Twice, because a running discovery may still begin a shard.
      await Promise.all([discovery, shards.stop()]);
      await shards.stop();
      idleness.stop();
    },
  };
}

async function repeat(
  discover: () => Promise<void>,
  sleeper: Sleeper,
  onEvent: (event: ShardEvent) => void,
): Promise<void> {
  for (let faults = 0; ; ) {
    await sleeper.sleep(faults > 0 ? retryDelayMilliseconds(faults) : DISCOVERY_MILLISECONDS);
    if (sleeper.retired()) return;
    try {
      await discover();
      faults = 0;
    } catch (error) {
      faults += 1;
      onEvent({ kind: 'problem', message: String(error) });
    }
  }
}

function count(tally: Tally, event: ShardEvent): Tally {
  switch (event.kind) {
    case 'invoked':
      return { ...tally, batches: tally.batches + 1 };
    case 'failed':
      return event.next === 'discard' ? tally : { ...tally, retries: tally.retries + 1 };
    case 'problem':
      return { ...tally, problems: tally.problems + 1, lastProblem: event.message };
    case 'left_out':
      return { ...tally, leftOut: tally.leftOut + 1, lastLeftOut: event.message };
    case 'filtered':
      return { ...tally, filtered: tally.filtered + 1 };
    default:
      return { ...tally, [event.kind]: tally[event.kind] + event.records };
  }
}

function secondsBehind(waiting: readonly LambdaStreamRecord[], now: Date): number {
  const created = waiting.map(({ dynamodb }) => latestCreation(dynamodb.ApproximateCreationDateTime));
  return Math.max(0, ...created.map((seconds) => now.getTime() / 1000 - seconds));
}
