import type { Column } from '../../shared/cli/table.ts';
import { type Lock, type LockState, lockState } from '../../shared/pipeline/locks.ts';
import { creationTime, LOCK_PREFIX, textIn, valueIn } from '../../shared/pipeline/record.ts';
import { cellOf } from '../../shared/text/csv.ts';
import { isoTime } from '../../shared/text/time.ts';
import { ageText, agoText, utcText } from '../../shared/text/time-text.ts';

/** What became of an expired lock. */
export type LockResult = 'would be cleared' | 'cleared' | 'kept: re-acquired';

/** A lock as it is printed. */
export interface LockRow {
  /** The date it locks. */
  readonly date: string;
  readonly state: LockState;
  readonly holder: string | undefined;
  readonly since: string | undefined;
  readonly expires: string | undefined;
  readonly result?: LockResult | undefined;
  readonly record: Lock['record'];
}

export function lockRow(lock: Lock, now: number, result?: LockResult): LockRow {
  const { record, expiresAt } = lock;
  const read = textIn(record);
  return {
    date: record.date_prefix.replace(LOCK_PREFIX, ''),
    state: lockState(lock, now),
    holder: read('locked_by'),
    since: creationTime(valueIn(record), now),
    expires: expiresAt === undefined ? undefined : isoTime(expiresAt),
    ...(result && { result }),
    record,
  };
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
