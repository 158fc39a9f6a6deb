/** @module-tag search */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Advanced, advance, needsPages } from '../../../shared/projection/advance.ts';
import type { CounterChange } from '../../../shared/projection/counter-kind.ts';
import { heldBy, sumChanges } from '../../../shared/projection/counter-kinds.ts';
import { fold } from '../../../shared/projection/fold.ts';
import {
  asCounted,
  type Head,
  INLINE_EVENTS,
  liveHead,
  liveStatus,
  TOMBSTONE_DAYS,
} from '../../../shared/projection/head.ts';
import { comparePositions } from '../../../shared/projection/position.ts';
import type { TimelineEvent } from '../../../shared/projection/transition.ts';
import { search } from '../../support/search.ts';
import { SECOND_STREAM, streamedTable, uploaded } from '../../support/stream-records.ts';
import { foldOf, transitionsOf } from '../../support/transitions.ts';

const NOW = Date.parse('2026-11-23T06:00:00Z');
const NONE: ReadonlySet<string> = new Set();

function headAfter(settlement: Advanced): Head {
  if (!settlement.write) throw new Error('nothing was written');
  return settlement.write.head;
}

/** What is added to the date's counters of statuses. */
function statusesOf(write: Advanced['write']) {
  const counts = sumChanges(write?.changes ?? []);
  return counts.find(({ pk, part }) => pk !== 'STATS#ALL' && part === '')?.add;
}

/** A file that was uploaded, claimed and completed, with the records that say so. */
function completedFile() {
  const table = streamedTable();
  const records = [
    table.write('a.ndjson', uploaded()),
    table.write('a.ndjson', { status: 'manifested#3' }),
    table.write('a.ndjson', { status: 'completed#3' }),
  ];
  return { table, records, head: headAfter(advance(undefined, foldOf(...records), NONE, NOW)) };
}

test('an insert makes a head and counts it once, with every arrival', () => {
  const { records } = completedFile();
  const { outcome, write } = advance(undefined, foldOf(...records), NONE, NOW);
  expect(outcome).toEqual({ applied: 3, duplicates: 0, late: 0, gapsClosed: 0 });
  expect(write?.head).toMatchObject({ status: 'completed', pages: 0, revision: 1 });
  expect(statusesOf(write)).toEqual({
    file_completed: 1,
    file_arrived_pending: 1,
    file_arrived_manifested: 1,
    file_arrived_completed: 1,
  });
});

test('a head in flight keeps the hour in which it is counted, and leaving it empties that count', () => {
  const table = streamedTable();
  const head = headAfter(advance(undefined, foldOf(table.write('a.ndjson', uploaded())), NONE, NOW));
  expect(head.counted).toEqual({ a: 'p2026-11-23T05' });
  // Its time is set right by hand, and nobody counts it anew.
  const moved = { ...head, since: '2026-11-20T01:00:00.000Z' };
  const { write } = advance(moved, foldOf(table.write('a.ndjson', { status: 'completed#3' })), NONE, NOW);
  expect(write?.head.counted).toBeUndefined();
  expect(write?.changes).toContainEqual({ pk: 'STATS#ALL', part: 'age#2026-11-23', add: { p05: -1 } });
  expect(write?.changes).toContainEqual({ pk: 'STATS#2026-11-23', part: 'age#2026-11-23', add: { p05: -1 } });
});

test('a file of unknown age is counted as such', () => {
  const table = streamedTable();
  const head = {
    ...headAfter(advance(undefined, foldOf(table.write('a.ndjson', uploaded())), NONE, NOW)),
    since: '',
  };
  expect(asCounted(head).counted).toEqual({ a: 'p' });
  const live = liveHead(asCounted(head));
  expect(live && heldBy(live)).toContainEqual({ pk: 'STATS#ALL', part: 'age#unknown', add: { p: 1 } });
});

test('a head that an older version wrote subtracts nothing from counters that never had it', () => {
  const table = streamedTable();
  const { counted: _, ...former } = headAfter(
    advance(undefined, foldOf(table.write('a.ndjson', uploaded())), NONE, NOW),
  );
  const { write } = advance(former, foldOf(table.write('a.ndjson', { status: 'manifested#3' })), NONE, NOW);
  const ages = write?.changes.filter(({ part }) => part !== '') ?? [];
  expect(ages.flatMap(({ add }) => Object.values(add))).toEqual([1, 1]);
});

test('records that were applied before change nothing', () => {
  const { records, head } = completedFile();
  expect(advance(head, foldOf(...records), NONE, NOW)).toEqual({
    outcome: { applied: 0, duplicates: 3, late: 0, gapsClosed: 0 },
  });
});

test('of a batch that is partly known, only the rest is applied', () => {
  const { table, records, head } = completedFile();
  const reset = table.write('a.ndjson', { status: 'pending#3' });
  const { outcome, write } = advance(head, foldOf(...records, reset), NONE, NOW);
  expect(outcome).toEqual({ applied: 1, duplicates: 3, late: 0, gapsClosed: 0 });
  expect(statusesOf(write)).toEqual({ file_completed: -1, file_pending: 1, file_arrived_pending: 1 });
});

test('a gap is closed: the count moves from the status of the head, not from the one that the record names', () => {
  const table = streamedTable();
  const head = headAfter(advance(undefined, foldOf(table.write('a.ndjson', uploaded())), NONE, NOW));
  table.write('a.ndjson', { status: 'manifested#3' });
  const completed = table.write('a.ndjson', { status: 'completed#3' });
  const { outcome, write } = advance(head, foldOf(completed), NONE, NOW);
  expect(outcome.gapsClosed).toBe(1);
  expect(statusesOf(write)).toEqual({ file_pending: -1, file_completed: 1, file_arrived_completed: 1 });
});

test('a late event goes to its place in the timeline, and leaves status and counts alone', () => {
  const table = streamedTable();
  const upload = table.write('a.ndjson', uploaded());
  const claim = table.write('a.ndjson', { status: 'manifested#3' });
  const completed = table.write('a.ndjson', { status: 'completed#3' });
  const head = headAfter(advance(undefined, foldOf(upload, completed), NONE, NOW));
  const { outcome, write } = advance(head, foldOf(claim), NONE, NOW);
  expect(outcome).toEqual({ applied: 0, duplicates: 0, late: 1, gapsClosed: 0 });
  expect(write?.head).toMatchObject({ status: 'completed', position: head.position, revision: 2 });
  expect(write?.head.events.map(({ event }) => event)).toEqual(['uploaded', 'manifested', 'completed']);
  expect(statusesOf(write)).toEqual({ file_arrived_manifested: 1 });
});

test('a file older than the deployment is counted from its first transition on', () => {
  const table = streamedTable();
  table.write('a.ndjson', uploaded());
  const claim = table.write('a.ndjson', { status: 'manifested#3' });
  const { outcome, write } = advance(undefined, foldOf(claim), NONE, NOW);
  expect(outcome.gapsClosed).toBe(0);
  expect(statusesOf(write)).toEqual({ file_manifested: 1, file_arrived_manifested: 1 });
});

test('a removal leaves a tombstone that is counted nowhere and outlives any redelivery', () => {
  const { table, records, head } = completedFile();
  const { write } = advance(head, foldOf(table.remove('a.ndjson')), NONE, NOW);
  expect(statusesOf(write)).toEqual({ file_completed: -1 });
  expect(write?.head.expiresAt).toBe(NOW / 1000 + TOMBSTONE_DAYS * 86_400);
  const tombstone = write?.head;
  expect(liveStatus(tombstone)).toBeUndefined();
  expect(advance(tombstone, foldOf(...records), NONE, NOW).write).toBeUndefined();
});

test('a file that comes back after its removal counts again, and its head no longer expires', () => {
  const { table, head } = completedFile();
  const tombstone = headAfter(advance(head, foldOf(table.remove('a.ndjson')), NONE, NOW));
  const { outcome, write } = advance(tombstone, foldOf(table.write('a.ndjson', uploaded())), NONE, NOW);
  expect(outcome).toMatchObject({ applied: 1, gapsClosed: 0 });
  expect(write?.head.expiresAt).toBeUndefined();
  expect(statusesOf(write)).toEqual({ file_pending: 1, file_arrived_pending: 1 });
});

test('a record whose status happens to read "removed" is no tombstone', () => {
  const head = headAfter(
    advance(undefined, foldOf(streamedTable().write('a', { status: 'removed' })), NONE, NOW),
  );
  expect(liveStatus(head)).toBe('removed');
});

test('a stream that was switched on again supersedes the old one despite lower numbers', () => {
  const { table, records, head } = completedFile();
  const again = streamedTable({ label: SECOND_STREAM, first: 100n, items: table.items });
  const reset = again.write('a.ndjson', { status: 'pending#3' });
  const moved = headAfter(advance(head, foldOf(reset), NONE, NOW));
  expect(moved.status).toBe('pending');
  const known = new Set(head.events.map(({ position }) => position));
  expect(advance(moved, foldOf(...records), known, NOW).write).toBeUndefined();
});

test('a full list moves to a page and the newest events stay', () => {
  const { table, head } = completedFile();
  const flaps = Array.from({ length: 4 }, (_, i) =>
    table.write('a.ndjson', { status: i % 2 ? 'failed#3' : 'manifested#3' }),
  );
  const { write } = advance(head, foldOf(...flaps), NONE, NOW);
  expect(write?.pages.map((page) => page.length)).toEqual([INLINE_EVENTS]);
  expect(write?.head).toMatchObject({ pages: 1, status: 'failed' });
  expect(write?.head.events).toHaveLength(1);
});

test('a reset makes room for the attempt that follows', () => {
  const { table, head } = completedFile();
  const { write } = advance(head, foldOf(table.write('a.ndjson', { status: 'pending#3' })), NONE, NOW);
  expect(write?.head.events.map(({ event }) => event)).toEqual(['reset']);
  expect(write?.pages[0]?.map(({ event }) => event)).toEqual(['uploaded', 'manifested', 'completed']);
});

test('pages are read only if the head itself does not show whether a record is known', () => {
  const { table, records, head } = completedFile();
  const reset = table.write('a.ndjson', { status: 'pending#3' });
  const paged = headAfter(advance(head, foldOf(reset), NONE, NOW));
  expect(needsPages(head, foldOf(...records))).toBe(false);
  expect(needsPages(paged, foldOf(reset))).toBe(false);
  expect(needsPages(paged, foldOf(...records))).toBe(true);
  const known = new Set(head.events.map(({ position }) => position));
  expect(advance(paged, foldOf(...records), known, NOW).write).toBeUndefined();
});

const statuses = ['pending#1', 'manifested#1', 'processing#1', 'completed#1', 'failed#1', undefined] as const;

/** Applies one delivery as the table would, keeping pages and the sum of deltas. */
function deliver(state: State, records: readonly unknown[]): State {
  return fold(transitionsOf(records)).reduce((now, folded) => {
    const known = new Set(needsPages(now.head, folded) ? now.paged.map(({ position }) => position) : []);
    const { write } = advance(now.head, folded, known, NOW);
    if (!write) return now;
    return {
      head: write.head,
      paged: [...now.paged, ...write.pages.flat()],
      counts: sumChanges([...now.counts, ...write.changes]),
    };
  }, state);
}

/** What a head accounts for, of every kind of counter. */
function accountedFor(head: Head | undefined): readonly CounterChange[] {
  const live = liveHead(head);
  return live ? heldBy(live) : [];
}

/** Without the flow, in an order of its own. */
function held(changes: readonly CounterChange[]): string[] {
  return sumChanges(changes)
    .flatMap(({ pk, part, add }) =>
      Object.entries(add).map(([name, count]) => `${pk} ${part} ${name} ${count}`),
    )
    .filter((line) => !/arrived| (?:e|h[0-9a-z]+) \d+$/.test(line))
    .sort();
}

interface State {
  readonly head: Head | undefined;
  readonly paged: readonly TimelineEvent[];
  readonly counts: readonly CounterChange[];
}

test('any history, delivered in any pieces, repeats and order, ends like the table, with each event once', async () => {
  const history = fc.array(fc.constantFrom(...statuses), { minLength: 1, maxLength: 20 });
  const delivery = fc.array(fc.array(fc.nat(), { minLength: 1, maxLength: 5 }), { maxLength: 12 });
  await search(
    fc.property(history, delivery, (steps, deliveries) => {
      const table = streamedTable();
      const records = steps.flatMap((status) => {
        if (status !== undefined) return [table.write('a', { status })];
        return table.items.size > 0 ? [table.remove('a')] : [];
      });
      if (records.length === 0) return;
      const batches = deliveries.map((picks) => picks.map((pick) => records[pick % records.length]));
      const start: State = { head: undefined, paged: [], counts: [] };
      const end = [...batches, records].reduce(deliver, start);

      const truth = [...table.items.values()][0]?.status as string | undefined;
      expect(liveStatus(end.head)).toBe(truth?.replace('#1', ''));
      expect(held(end.counts)).toEqual(held(accountedFor(end.head)));
      const live = end.counts.find(({ pk, part }) => pk === 'STATS#ALL' && part === '')?.add ?? {};
      const names = Object.entries(live).filter(([name]) => !name.includes('arrived'));
      expect(names).toEqual(truth ? [[`file_${truth.replace('#1', '')}`, 1]] : []);
      const positions = [...end.paged, ...(end.head?.events ?? [])].map(({ position }) => position);
      const expected = transitionsOf(records).map(({ event }) => event.position);
      expect([...positions].sort(comparePositions)).toEqual(expected);
      expect(end.head?.events.length ?? 0).toBeLessThanOrEqual(INLINE_EVENTS);
    }),
    { least: 200, most: 2_000 },
  );
});
