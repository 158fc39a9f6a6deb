import type { DeliveryEvent } from './delivery.ts';
import { type LambdaStreamRecord, latestCreation } from './event.ts';

export type StreamRunnerEvent = { shardId?: string } & (DeliveryEvent | { kind: 'problem'; message: string });

export interface StreamProgress {
  /** Records the function has processed, each counted once. */
  delivered: number;
  /** Invocations, the failed ones included. */
  batches: number;
  /** Invocations that failed and were followed by another one. */
  retries: number;
  discarded: number;
  filtered: number;
  /** Faults of the stream, the destination or the function's host that were survived. */
  problems: number;
  lastProblem?: string;
  /** Shards being read. */
  shards: number;
  /** The age of the oldest record that has been read and not dealt with; 0 when there is none. */
  behindSeconds: number;
}

type Tally = Omit<StreamProgress, 'shards' | 'behindSeconds'>;

export const NOTHING_YET: Tally = {
  delivered: 0,
  batches: 0,
  retries: 0,
  discarded: 0,
  filtered: 0,
  problems: 0,
};

/** The counters after one more event. */
export function count(tally: Tally, event: StreamRunnerEvent): Tally {
  switch (event.kind) {
    case 'invoked':
      return { ...tally, batches: tally.batches + 1 };
    case 'failed':
      return event.next === 'discard' ? tally : { ...tally, retries: tally.retries + 1 };
    case 'problem':
      return { ...tally, problems: tally.problems + 1, lastProblem: event.message };
    default:
      return { ...tally, [event.kind]: tally[event.kind] + event.records };
  }
}

export function secondsBehind(waiting: readonly LambdaStreamRecord[], now: Date): number {
  const created = waiting.map(({ dynamodb }) => latestCreation(dynamodb.ApproximateCreationDateTime));
  return Math.max(0, ...created.map((seconds) => now.getTime() / 1000 - seconds));
}
