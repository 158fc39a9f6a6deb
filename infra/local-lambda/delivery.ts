import type { DynamoDBStreamEvent } from 'aws-lambda';
import {
  nextStep,
  type Outcome,
  retryDelayMilliseconds,
  type Step,
  type StreamSettings,
  type SubBatch,
  separateExpired,
} from './batch.ts';
import type { LambdaStreamRecord } from './event.ts';

export interface DeliveryOptions {
  settings: StreamSettings;
  /** Rejects if the function could not be invoked at all, which uses up no retries. */
  invoke(event: DynamoDBStreamEvent): Promise<Outcome>;
  /** Resolves when records that are given up on are stored safely. */
  discard(given: SubBatch): Promise<void>;
  now(): Date;
  onEvent(event: DeliveryEvent): void;
}

export type DeliveryEvent =
  | { kind: 'invoked' }
  | { kind: 'delivered' | 'discarded'; records: number }
  | { kind: 'failed'; next: Step['kind'] };

export interface Delivery {
  /** Accepts the next batch of the shard; call it only when the previous one is done. */
  take(records: readonly LambdaStreamRecord[]): void;
  isDone(): boolean;
  /** The oldest record that is not done. */
  waiting(): LambdaStreamRecord | undefined;
  /** Does the next thing for the oldest records; resolves to the milliseconds to pause after it. */
  step(): Promise<number>;
}

/**
 * Delivers the batches of one shard in order, until each record has been processed or discarded. A step that
 * throws must be repeated: records may be delivered again, but are never left out.
 */
export function createDelivery(options: DeliveryOptions): Delivery {
  const { settings, onEvent } = options;
  let waiting: SubBatch[] = [];

  function replaceFirst(...rest: readonly SubBatch[]): void {
    waiting.splice(0, 1, ...rest.filter(({ records }) => records.length > 0));
  }

  async function deliver(first: SubBatch): Promise<number> {
    onEvent({ kind: 'invoked' });
    const outcome = await options.invoke({ Records: [...first.records] });
    const step = nextStep(first, outcome, settings);
    replaceFirst(...step.rest);
    if (step.kind !== 'advance') onEvent({ kind: 'failed', next: step.kind });
    if (step.delivered > 0) onEvent({ kind: 'delivered', records: step.delivered });
    return step.kind === 'retry' ? retryDelayMilliseconds(first.failures + 1) : 0;
  }

  async function discard(first: SubBatch): Promise<number> {
    await options.discard(first);
    replaceFirst();
    onEvent({ kind: 'discarded', records: first.records.length });
    return 0;
  }

  return {
    take(records) {
      waiting = [{ records, failures: 0 }];
    },
    isDone: () => waiting.length === 0,
    waiting: () => waiting[0]?.records[0],
    async step() {
      const [first] = waiting;
      if (!first) return 0;
      if (first.ending) return discard(first);
      const separated = separateExpired(first, settings.maximumRecordAgeSeconds, options.now());
      if (!separated) return deliver(first);
      replaceFirst(...separated);
      return 0;
    },
  };
}
