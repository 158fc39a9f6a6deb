import { SECOND_STREAM, streamedTable } from '../support/stream-records.ts';
import { type Change, changeOf, type Deed, type Step } from './change.ts';
import type { History, Item, Move } from './history.ts';

/** The names of a history's dates: each run has its own, so that many can share a table. */
export type Dates = Readonly<Record<Item['date'], string>>;

/** Lives a history in a table in memory, and takes down its stream. */
export function play(given: History, dates: Dates): Change[] {
  const before = streamedTable();
  const after = streamedTable({ label: SECOND_STREAM, first: 40n, items: before.items });
  const statuses = new Map<number, string>();
  return deedsOf(given).flatMap((deed, number) => {
    const was = statuses.get(deed.index);
    const is = statusAfter(deed.step.move, was, deed.item.kind);
    if (was === undefined && is === undefined) return [];
    if (is === undefined) statuses.delete(deed.index);
    else statuses.set(deed.index, is);
    // The number of the step keeps apart what the clocks may not: no step has the time of another.
    const millis = BEGIN + deed.step.clock * 1000 + number;
    const done = { ...deed, was, is, millis, shards: given.shards, date: dates[deed.item.date] };
    return [changeOf(deed.restarted ? after : before, done)];
  });
}

const BEGIN = Date.parse('2026-11-23T05:00:00Z');
const UPLOAD: Step = { move: 'advance', clock: 0, damage: undefined };

function deedsOf({ items, steps, crowd, restartAt = Number.POSITIVE_INFINITY }: History): Deed[] {
  const uploads = Array.from({ length: crowd }, (_, i): Deed => {
    return { step: UPLOAD, item: { kind: 'file', date: 'first' }, index: items.length + i, restarted: false };
  });
  const others = steps.map((step, i): Deed => {
    const index = step.item % items.length;
    const item = items[index] as Item;
    return { step, item, index, restarted: i >= restartAt };
  });
  return [...uploads, ...others];
}

const NEXT: Readonly<Record<'file' | 'manifest', Readonly<Record<string, string>>>> = {
  file: { pending: 'manifested', manifested: 'completed', completed: 'completed', failed: 'processing' },
  manifest: { pending: 'processing', processing: 'completed', completed: 'completed' },
};

const STATUS_OF_MOVE: Readonly<Record<Exclude<Move, 'advance' | 'touch'>, string | undefined>> = {
  release: 'pending',
  fail: 'failed',
  quarantine: 'quarantined',
  // The word that heads use for a tombstone, and no word at all.
  misname: 'removed',
  unname: 'unknown',
  remove: undefined,
  expire: undefined,
};

function statusAfter(move: Move, was: string | undefined, kind: Item['kind']): string | undefined {
  if (kind === 'lock') return move === 'remove' || move === 'expire' ? undefined : 'held';
  if (move === 'touch') return was ?? 'pending';
  if (move === 'advance') return (was !== undefined && NEXT[kind][was]) || 'pending';
  return STATUS_OF_MOVE[move];
}
