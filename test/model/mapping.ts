import { nextStep, type Outcome, type Step, type SubBatch } from '../../infra/local-lambda/batch.ts';
import type { LambdaStreamRecord } from '../../infra/local-lambda/event.ts';
import { STREAM_SETTINGS } from '../../infra/stream-settings.ts';

type Records = readonly LambdaStreamRecord[];

/** One shard's event source mapping, as it is configured: nothing is left out, and much comes twice. */
export interface Mapping {
  isDone(): boolean;
  /** The records to invoke the consumer with now; the next batch is cut when the last one is done with. */
  batch(size: number): Records;
  /** Goes on after an invocation with what `batch` gave last. */
  settle(outcome: Outcome): Step['kind'];
  /** Forgets how batches were cut: what is not done with is cut again. @returns whether there was anything */
  recut(): boolean;
  /** So many records ending with `back` before the present batch, of those that were delivered before. */
  again(back: number, size: number): Records;
}

export function createMapping(records: Records): Mapping {
  let parts: readonly SubBatch[] = [];
  let done = 0;
  let cut = 0;
  return {
    isDone: () => done >= records.length,
    batch(size) {
      if (parts.length === 0) {
        parts = [{ records: records.slice(done, done + size), failures: 0 }];
        cut = Math.min(records.length, done + size);
      }
      return parts[0]?.records ?? [];
    },
    settle(outcome) {
      const [part, ...others] = parts;
      if (!part) throw new Error('No batch was given.');
      const step = nextStep(part, outcome, STREAM_SETTINGS);
      done += step.delivered;
      parts = [...step.rest, ...others];
      return step.kind;
    },
    recut() {
      const had = parts.length > 0;
      parts = [];
      return had;
    },
    again: (back, size) => {
      const from = Math.max(0, cut - back - 1);
      return records.slice(from, Math.min(cut, from + size));
    },
  };
}
