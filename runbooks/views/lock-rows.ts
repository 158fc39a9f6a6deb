import type { Column } from '../../shared/cli/table.ts';
import { type Lock, type LockFacts, lockFacts } from '../../shared/pipeline/locks.ts';
import { cellOf } from '../../shared/text/csv.ts';
import { ageText, agoText, utcText } from '../../shared/text/time-text.ts';

/** What was done with an expired lock. */
export type LockResult = 'would be cleared' | 'cleared' | 'kept: re-acquired';

/** A lock as it is printed. */
export interface LockRow extends LockFacts {
  readonly result?: LockResult | undefined;
  readonly record: Lock['record'];
}

export function lockRow(lock: Lock, now: number, result?: LockResult): LockRow {
  return { ...lockFacts(lock, now), ...(result && { result }), record: lock.record };
}

/** How a list shows locks. */
export function lockColumns(now: number, withResult: boolean): Column<LockRow>[] {
  return [
    {
      name: 'state',
      value: ({ state }) => state,
      color: ({ state }, text, colorize) => colorize(state === 'held' ? 'good' : 'warning', text),
    },
    { name: 'date', value: ({ date }) => date },
    { name: 'holder', value: ({ holder }) => cellOf(holder), whole: true },
    timeColumn('since', ({ since }) => since, 1),
    ageColumn('age', ({ since }) => (since ? ageText(since, now) : '')),
    timeColumn('expires', ({ expires }) => expires, 2),
    ageColumn('expiry', ({ expires }) => (expires ? agoText(expires, now) : '')),
    ...(withResult ? [{ name: 'result', value: ({ result }: LockRow) => result }] : []),
  ];
}

function timeColumn(
  name: string,
  value: (row: LockRow) => string | undefined,
  priority: number,
): Column<LockRow> {
  return {
    name,
    value,
    text: (row) => {
      const time = value(row);
      return time ? utcText(time) : '';
    },
    priority,
  };
}

function ageColumn(name: string, value: (row: LockRow) => string): Column<LockRow> {
  return { name, value, align: 'right', only: 'table' };
}
