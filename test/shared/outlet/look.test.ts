import { describe, expect, test } from 'vitest';
import type { Change } from '../../../shared/changes/change.ts';
import { look, type OutletState, type Seen } from '../../../shared/outlet/look.ts';
import { NOTICE_TYPES, type Notice } from '../../../shared/outlet/notice.ts';

const NOW = Date.parse('2026-11-23T06:00:00Z');
const MINUTE = 60_000;
const NONE = { pending: 0, manifested: 0, processing: 0 };
const appeared = (id: string) => ({
  ...{ class: id, text: 'Path does not exist: <uri>', first_seen: '2026-11-23T05:59:00Z' },
  samples: [],
});

const seen = (fields: Partial<Seen> = {}): Seen => ({
  environment: 'dev',
  now: NOW,
  classes: new Map(),
  limits: { pending: 8, manifested: 2, processing: 4 },
  overdue: NONE,
  settled: { settled: 0, failed: 0 },
  facts: [],
  hasRoom: true,
  ...fields,
});

const sent = (state: OutletState): OutletState => ({ ...state, waiting: [] });
const ids = ({ waiting }: OutletState) => waiting.map(({ id }) => id);

const change: Change = {
  ...{ id: '20261123T055900000Z-1a', state: 'done', reason: 'stuck', origin: 'reset-stuck' },
  actor: { identity: 'arn:alice', source: 'sts' },
  ...{ createdAt: '2026-11-23T05:59:00Z', table: 't', files: 3, digest: 'd' },
  counts: { applied: 2, skipped: 1, failed: 0 },
};

test('the first look makes no notices of existing classes and of facts noted before it', () => {
  const before = { id: 'lost#1', at: '2026-11-23T05:59:59Z' };
  const lost = {
    kind: 'lost' as const,
    date_prefix: '2026-11-23',
    by: 'rows' as const,
    files: 1,
    samples: [],
  };
  const state = look(
    undefined,
    seen({ classes: new Map([['a', undefined]]), facts: [{ ...before, ...lost }] }),
  );
  expect(state).toMatchObject({ began: NOW, classes: ['a'], waiting: [] });
});

test('a class gets one notice, once its text exists', () => {
  const first = look(undefined, seen());
  const early = look(first, seen({ classes: new Map([['b', undefined]]) }));
  expect(early).toMatchObject({ classes: [], waiting: [] });
  const classes = new Map([['b', appeared('b')]]);
  const told = look(early, seen({ classes }));
  expect(ids(told)).toEqual(['dev/class-appeared/b']);
  expect(ids(look(sent(told), seen({ classes })))).toEqual([]);
});

test('a passed limit gets one notice, and one when it is kept again; a later time is another notice', () => {
  const late = look(look(undefined, seen()), seen({ overdue: { ...NONE, pending: 3 } }));
  expect(late.waiting).toEqual([
    {
      ...{ version: 1, id: 'dev/limit-passed/pending/2026-11-23T06:00:00.000Z', type: 'limit-passed' },
      ...{ environment: 'dev', at: '2026-11-23T06:00:00.000Z' },
      data: { status: 'pending', limit_hours: 8, files: 3, since: '2026-11-23T06:00:00.000Z' },
    },
  ]);
  const on = (minutes: number, pending: number) => ({
    now: NOW + minutes * MINUTE,
    overdue: { ...NONE, pending },
  });
  const still = look(sent(late), seen(on(1, 9)));
  expect(ids(still)).toEqual([]);
  const over = look(still, seen(on(2, 0)));
  expect(ids(over)).toEqual(['dev/limit-kept/pending/2026-11-23T06:00:00.000Z']);
  expect(ids(look(sent(over), seen(on(3, 1))))).toEqual([
    'dev/limit-passed/pending/2026-11-23T06:03:00.000Z',
  ]);
});

describe('a wave of failures', () => {
  /** What is told, by the minute in which it is, of files settled and failed in each minute. */
  function play(minutes: readonly (readonly [settled: number, failed: number])[]) {
    let state = look(undefined, seen());
    let [settled, failed] = [0, 0];
    const told: [number, string][] = [];
    for (const [i, minute] of minutes.entries()) {
      settled += minute[0];
      failed += minute[1];
      state = look(sent(state), seen({ now: NOW + (i + 1) * MINUTE, settled: { settled, failed } }));
      told.push(...state.waiting.map(({ type }): [number, string] => [i + 1, type]));
    }
    return told;
  }
  const times = (count: number, minute: readonly [number, number]) =>
    Array.from({ length: count }, () => minute);

  test('gets a notice when 20% of the files of five minutes have failed, and when it is less than 10%', () => {
    const told = play([...times(10, [100, 1]), ...times(10, [100, 50]), ...times(10, [100, 0])]);
    expect(told).toEqual([
      [12, 'wave-began'],
      [25, 'wave-ended'],
    ]);
  });

  test('is not a smaller share, a share of few files, or failures from before the first look', () => {
    expect(play(times(30, [100, 19]))).toEqual([]);
    expect(play(times(30, [3, 3]))).toEqual([]);
    expect(play([[10_000, 9_000], ...times(9, [0, 0] as const)]).slice(0, 1)).toEqual([[5, 'wave-began']]);
  });

  test('is over when no more files settle', () => {
    expect(play([...times(6, [100, 100]), ...times(6, [0, 0])])).toEqual([
      [5, 'wave-began'],
      [11, 'wave-ended'],
    ]);
  });

  test('is not reported because of a pause of the outlet', () => {
    const before = look(undefined, seen());
    const later = seen({ now: NOW + 60 * MINUTE, settled: { settled: 1_000, failed: 900 } });
    expect(ids(look(before, later))).toEqual([]);
  });
});

test('without room there are no notices, and a passed limit gets its notice once there is room', () => {
  const begun = look(undefined, seen());
  const overdue = { ...NONE, pending: 3 };
  const full = look(begun, seen({ overdue, hasRoom: false }));
  expect(full).toMatchObject({ overdue: {}, wave: null, waiting: [] });
  expect(ids(look(full, seen({ overdue })))).toHaveLength(1);
});

test('a change and an undo get notices with their results', () => {
  const at = '2026-11-23T06:00:00Z';
  const facts = [
    { id: 'change#1', at, kind: 'change' as const, change },
    { id: 'change#2', at, kind: 'change' as const, change: { ...change, id: 'later', undoes: change.id } },
  ];
  const { waiting } = look(look(undefined, seen()), seen({ facts }));
  expect(waiting.map(({ type, data }) => ({ type, data }))).toEqual([
    {
      type: 'change-applied',
      data: {
        ...{ change_id: change.id, actor: 'arn:alice', reason: 'stuck', origin: 'reset-stuck' },
        ...{ applied: 2, skipped: 1, failed: 0 },
      },
    },
    { type: 'change-undone', data: expect.objectContaining({ change_id: 'later', undoes: change.id }) },
  ]);
});

test('a fact that is seen again while its notice waits gets no second notice, and every notice has its documented form', () => {
  const at = '2026-11-23T06:00:00Z';
  const more = seen({
    classes: new Map([['b', appeared('b')]]),
    overdue: { ...NONE, processing: 1 },
    facts: [
      { id: 'change#1', at, kind: 'change', change },
      { id: 'drift#1', at, kind: 'drift', date_prefix: '2026-11-23', found: 2, repaired: 1 },
      { id: 'lost#1', at, kind: 'lost', date_prefix: '2026-11-23', by: 'rows', files: 1, samples: ['a'] },
    ],
  });
  const once = look(look(undefined, seen()), more);
  const twice = look(once, more);
  expect(twice.waiting).toEqual(once.waiting);
  expect(once.waiting.map(({ type }) => type)).toEqual([
    ...['class-appeared', 'limit-passed', 'change-applied', 'drift-found', 'data-lost'],
  ]);
  for (const { type, data } of once.waiting) expect(strictly(type).parse(data)).toEqual(data);
});

function strictly(type: Notice['type']) {
  return NOTICE_TYPES[type].data.strict();
}

test('files of an acknowledged class make no wave and hide no other wave; lifting the acknowledgement starts none', () => {
  const at = (minute: number, settled: Seen['settled']) => seen({ now: NOW + minute * MINUTE, settled });
  const first = look(undefined, at(0, { settled: 0, failed: 0, known: { a: 0 } }));
  const known = look(first, at(5, { settled: 1_030, failed: 1_000, known: { a: 1_000, b: 70 } }));
  expect(ids(known)).toEqual([]);
  const others = look(first, at(5, { settled: 1_030, failed: 1_010, known: { a: 1_000 } }));
  expect(ids(others)).toEqual([expect.stringContaining('wave-began')]);
  expect(others.waiting[0]?.data).toMatchObject({ settled: 30, failed: 10 });
  const lifted = look(known, at(10, { settled: 1_060, failed: 1_001 }));
  expect(ids(lifted)).toEqual([]);
});
