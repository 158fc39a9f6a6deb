import fc from 'fast-check';

/** Once in so many times what is unusual, else what is usual. */
export function seldom<T, U>(oneIn: number, unusual: fc.Arbitrary<T>, usual: U): fc.Arbitrary<T | U> {
  return fc.oneof({ weight: oneIn - 1, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: unusual });
}

/**
 * What may happen to a record. What it comes to depends on how the record stands, so that most histories read
 * like the pipeline's, and some like nothing it ever wrote.
 */
const move = fc.oneof(
  { weight: 10, arbitrary: fc.constant('advance' as const) },
  { weight: 3, arbitrary: fc.constantFrom('touch' as const, 'release' as const) },
  { weight: 2, arbitrary: fc.constantFrom('fail' as const, 'remove' as const, 'expire' as const) },
  { weight: 2, arbitrary: fc.constantFrom('quarantine' as const, 'misname' as const, 'unname' as const) },
);
export type Move = typeof move extends fc.Arbitrary<infer T> ? T : never;

/** How a record of the stream may be spoilt: none of these can be applied, ever. */
const DAMAGES = ['no keys', 'no event name', 'no images', 'no number', 'no time', 'no stream'] as const;
export type Damage = (typeof DAMAGES)[number];

const MOST_STEPS = 24;

const step = fc.record({
  item: fc.nat(3),
  move,
  /** By how many seconds the writer's clock is off, and the stream's with it. */
  clock: seldom(4, fc.integer({ min: -90_000, max: 90_000 }), 0),
  damage: seldom(20, fc.constantFrom(...DAMAGES), undefined),
});

const item = fc.record({
  kind: fc.oneof(
    { weight: 8, arbitrary: fc.constant('file' as const) },
    { weight: 2, arbitrary: fc.constant('manifest' as const) },
    { weight: 1, arbitrary: fc.constant('lock' as const) },
  ),
  date: fc.oneof(
    { weight: 8, arbitrary: fc.constant('first' as const) },
    { weight: 4, arbitrary: fc.constant('second' as const) },
    // A date_prefix so long that the projection table takes no key with it: its files end as dead letters.
    { weight: 1, arbitrary: fc.constant('refused' as const) },
  ),
});
export type Item = typeof item extends fc.Arbitrary<infer T> ? T : never;

/** What happens in a tracking table: a few records, now and then a crowd of files, and what becomes of them. */
export const history = fc.record({
  items: fc.array(item, { minLength: 1, maxLength: 4 }),
  steps: fc.array(step, { minLength: 1, maxLength: MOST_STEPS }),
  /** So many files are uploaded first: more than one transaction holds. */
  crowd: seldom(25, fc.integer({ min: 26, max: 40 }), 0),
  shards: fc.integer({ min: 1, max: 3 }),
  /** After so many steps the stream is switched off and on: its numbers begin again, lower. */
  restartAt: seldom(3, fc.nat(MOST_STEPS / 2), undefined),
});
export type History = typeof history extends fc.Arbitrary<infer T> ? T : never;
