import pMap from 'p-map';
import { deleteExpired } from './guarded-write.ts';
import type { RecordKeys } from './records.ts';
import type { Action } from './scenarios.ts';
import type { PipelineTarget } from './steps.ts';

/** Removes settled records once their `ttl` has passed, which DynamoDB Local does not do by itself. */
export interface Expiry {
  /** Remembers the records that an action settled. */
  note(action: Action, written: readonly RecordKeys[]): void;
  /** Removes those whose time has come and that nobody wrote to since; returns how many. */
  removeDue(signal: AbortSignal): Promise<number>;
}

interface Settled {
  readonly keys: RecordKeys;
  readonly dueMillis: number;
}

const SETTLING: ReadonlySet<Action> = new Set(['complete', 'fail', 'quarantine', 'finish_job', 'break_job']);
const concurrency = 8;

export function createExpiry(target: PipelineTarget): Expiry {
  // In the order of their times, since all settled records are kept equally long.
  let waiting: Settled[] = [];
  return {
    note(action, written) {
      if (!SETTLING.has(action)) return;
      const dueMillis = target.now() + target.keepSettledSeconds * 1_000;
      waiting.push(...written.map((keys) => ({ keys, dueMillis })));
    },
    async removeDue(signal) {
      const now = target.now();
      const firstLater = waiting.findIndex(({ dueMillis }) => dueMillis > now);
      const count = firstLater < 0 ? waiting.length : firstLater;
      const due = waiting.slice(0, count);
      waiting = waiting.slice(count);
      const remove = ({ keys }: Settled) => !signal.aborted && deleteExpired(target, keys, now);
      const removed = await pMap(due, remove, { concurrency });
      return removed.filter(Boolean).length;
    },
  };
}
