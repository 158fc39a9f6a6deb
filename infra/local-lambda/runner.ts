import { retryDelayMilliseconds } from './batch.ts';
import { createIdleness, createNapper, type Napper } from './idleness.ts';
import { completeOptions, type StreamRunnerOptions } from './options.ts';
import { count, NOTHING_YET, type StreamProgress, secondsBehind } from './progress.ts';
import { createShardSet } from './shard-set.ts';

export interface StreamRunner {
  progress(): StreamProgress;
  /** Resolves when all that is in the stream at the call has been dealt with; rejects when stopped before. */
  idle(): Promise<void>;
  /** Lets the invocations in flight finish and be checkpointed, and starts no more. */
  stop(): Promise<void>;
}

/** How often the stream is asked for new shards; the end of a shard asks at once. */
const DISCOVERY_MILLISECONDS = 10_000;

/**
 * Invokes a function with the records of a DynamoDB stream as a Lambda event source mapping does: shards and
 * their children in order, batches, retries, bisection, partial responses, discards to S3. Every record is
 * processed at least once or kept in the destination. Rejects when the stream cannot be described.
 */
export async function startStreamRunner(given: StreamRunnerOptions): Promise<StreamRunner> {
  let tally = NOTHING_YET;
  const options = completeOptions({
    ...given,
    onEvent(event) {
      tally = count(tally, event);
      given.onEvent?.(event);
    },
  });
  const idleness = createIdleness();
  const napper = createNapper(options.sleep);
  const shards = createShardSet(options, idleness, napper.wake);
  const onProblem = (error: unknown) => options.onEvent({ kind: 'problem', message: String(error) });

  try {
    await shards.discover(options.settings.startingPosition === 'LATEST');
  } catch (error) {
    await shards.stop();
    throw error;
  }
  const discovery = repeat(() => shards.discover(false), napper, onProblem);

  return {
    progress() {
      const running = shards.running();
      const waiting = running.flatMap((shard) => shard.waiting() ?? []);
      return { ...tally, shards: running.length, behindSeconds: secondsBehind(waiting, options.now()) };
    },
    async idle() {
      const idle = idleness.wait();
      for (const { wake } of [napper, ...shards.running()]) wake();
      await idle;
    },
    async stop() {
      napper.retire();
      // Twice: a discovery that is under way may yet begin a shard.
      await Promise.all([discovery, shards.stop()]);
      await shards.stop();
      idleness.stop();
    },
  };
}

async function repeat(
  discover: () => Promise<void>,
  napper: Napper,
  onProblem: (error: unknown) => void,
): Promise<void> {
  for (let faults = 0; ; ) {
    await napper.nap(faults > 0 ? retryDelayMilliseconds(faults) : DISCOVERY_MILLISECONDS);
    if (napper.retired()) return;
    try {
      await discover();
      faults = 0;
    } catch (error) {
      faults += 1;
      onProblem(error);
    }
  }
}
