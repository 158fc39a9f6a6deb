import type { DynamoDBStreamEvent } from 'aws-lambda';
import {
  type Condition,
  type Ending,
  nextStep,
  type Part,
  retryDelayMilliseconds,
  type Step,
  type StreamSettings,
  separateExpired,
} from './batch.ts';
import type { LambdaStreamRecord } from './event.ts';
import type { Outcome } from './response.ts';
import type { Checkpoints } from './shards.ts';

export interface DeliveryOptions {
  shardId: string;
  settings: StreamSettings;
  checkpoints: Checkpoints;
  /** Rejects when the function could not be invoked at all, which uses up no retries. */
  invoke(event: DynamoDBStreamEvent): Promise<Outcome>;
  /** Resolves when records that are given up are safe, to the place where they are. */
  discard(part: Part, ending: Ending): Promise<string | undefined>;
  filter?(record: LambdaStreamRecord): boolean;
  now(): Date;
  onEvent(event: DeliveryEvent): void;
}

export type DeliveryEvent =
  | { kind: 'invoked' | 'delivered' | 'filtered'; records: number }
  | { kind: 'discarded'; records: number; condition: Condition; key?: string }
  | { kind: 'failed'; records: number; next: Step['kind']; payload: unknown };

export interface Delivery {
  /** Accepts the next batch of the shard; only when the one before has been dealt with. */
  take(records: readonly LambdaStreamRecord[]): void;
  isDone(): boolean;
  /** The oldest record not yet dealt with. */
  waiting(): LambdaStreamRecord | undefined;
  /** Does one thing about the oldest records; resolves to the milliseconds to pause before the next. */
  step(): Promise<number>;
}

/**
 * Delivers the batches of one shard in order, until each record has been processed or discarded. The checkpoint
 * follows what has been dealt with. A step that throws is to be repeated: records may be delivered again, never
 * left out.
 */
export function createDelivery(options: DeliveryOptions): Delivery {
  const { settings, onEvent } = options;
  let parts: Part[] = [];
  let lastTaken: string | undefined;

  /** Puts `rest` in the place of the first part, of which `done` has been dealt with. */
  async function settle(done: readonly LambdaStreamRecord[], rest: readonly Part[]): Promise<void> {
    const isBatchDone = parts.length === 1 && rest.length === 0;
    const last = isBatchDone ? lastTaken : done.at(-1)?.dynamodb.SequenceNumber;
    if (last) await options.checkpoints.save(options.shardId, { afterSequenceNumber: last });
    parts.splice(0, 1, ...rest);
  }

  async function deliver(part: Part): Promise<number> {
    const { records } = part;
    onEvent({ kind: 'invoked', records: records.length });
    const outcome = await options.invoke({ Records: [...records] });
    const step = nextStep(part, outcome, settings);
    if (step.kind !== 'advance') {
      onEvent({ kind: 'failed', records: records.length, next: step.kind, payload: outcome.payload });
    }
    const delivered = records.slice(0, step.delivered);
    await settle(delivered, step.rest);
    if (delivered.length > 0) onEvent({ kind: 'delivered', records: delivered.length });
    return step.kind === 'retry' ? retryDelayMilliseconds(part.failures + 1) : 0;
  }

  async function step(part: Part): Promise<number> {
    if (part.records.length === 0) {
      await settle([], []);
    } else if (part.ending) {
      const { condition } = part.ending;
      const key = await options.discard(part, part.ending);
      await settle(part.records, []);
      onEvent({ kind: 'discarded', records: part.records.length, condition, key });
    } else {
      const separated = separateExpired(part, settings.maximumRecordAgeSeconds, options.now());
      if (!separated) return deliver(part);
      await settle([], separated);
    }
    return 0;
  }

  return {
    take(taken) {
      const records = options.filter ? taken.filter(options.filter) : taken;
      if (records.length < taken.length) {
        onEvent({ kind: 'filtered', records: taken.length - records.length });
      }
      parts = [{ records, failures: 0 }];
      lastTaken = taken.at(-1)?.dynamodb.SequenceNumber;
    },
    isDone: () => parts.length === 0,
    waiting: () => parts.find(({ records }) => records.length > 0)?.records[0],
    step: async () => (parts[0] ? step(parts[0]) : 0),
  };
}
