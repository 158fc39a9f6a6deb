import { countForBatch, retryDelayMilliseconds, type StreamSettings } from './batch.ts';
import type { Delivery } from './delivery.ts';
import type { LambdaStreamRecord } from './event.ts';
import type { Napper } from './idleness.ts';
import type { ShardReader } from './shard-reader.ts';

export interface ShardLoopOptions {
  reader: ShardReader;
  delivery: Delivery;
  settings: StreamSettings;
  /** The pause after a read that found nothing. */
  pollMilliseconds: number;
  napper: Napper;
  now(): Date;
  /** Called before each read with a function to call if that read finds nothing and nothing is waiting. */
  onRead(): () => void;
  /** A fault of the stream, the destination or the function's host; the loop goes on after a pause. */
  onProblem(error: unknown): void;
}

export interface ShardLoop {
  /** The oldest record that has been read and not dealt with. */
  waiting(): LambdaStreamRecord | undefined;
  /** Resolves to true at the end of a closed shard, to false when its napper was retired before. */
  run(): Promise<boolean>;
}

/** Reads one shard and delivers what it finds, batch by batch; survives every fault by trying again. */
export function createShardLoop(options: ShardLoopOptions): ShardLoop {
  const { reader, delivery, settings, napper } = options;
  const buffer: LambdaStreamRecord[] = [];
  let firstReadAt = 0;
  let ended = false;

  /** Reads once; resolves to the pause to make before the next step. */
  async function read(): Promise<number> {
    const onNothing = options.onRead();
    const page = await reader.read(settings.batchSize - buffer.length);
    if (buffer.length === 0) firstReadAt = options.now().getTime();
    buffer.push(...page.records);
    ended = page.ended;
    if (buffer.length === 0) onNothing();
    return page.records.length > 0 ? 0 : options.pollMilliseconds;
  }

  function isBatchReady(): boolean {
    if (buffer.length === 0) return false;
    const waited = options.now().getTime() - firstReadAt;
    if (ended || waited >= settings.maximumBatchingWindowSeconds * 1000) return true;
    return buffer.length >= settings.batchSize || countForBatch(buffer, settings.batchSize) < buffer.length;
  }

  async function step(): Promise<number> {
    if (!delivery.isDone()) return delivery.step();
    if (!isBatchReady()) return read();
    const batch = buffer.slice(0, countForBatch(buffer, settings.batchSize));
    delivery.take(batch);
    buffer.splice(0, batch.length);
    return 0;
  }

  const isFinished = () => ended && buffer.length === 0 && delivery.isDone();

  return {
    waiting: () => delivery.waiting() ?? buffer[0],
    async run() {
      for (let faults = 0; !napper.retired() && !isFinished(); ) {
        try {
          await napper.nap(await step());
          faults = 0;
        } catch (error) {
          faults += 1;
          options.onProblem(error);
          await napper.nap(retryDelayMilliseconds(faults));
        }
      }
      return isFinished();
    },
  };
}
