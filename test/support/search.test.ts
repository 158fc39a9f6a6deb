import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { isLongSearch, pointsUpTo, search } from './search.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** A property of numbers that counts its runs. */
function counted(isTrue: (value: number) => boolean) {
  const values: number[] = [];
  const property = fc.property(fc.nat(), (value) => {
    values.push(value);
    return isTrue(value);
  });
  return { property, values };
}

test('the first round of a property is complete even if it takes longer than its time', async () => {
  const clock = vi.spyOn(performance, 'now');
  clock.mockReturnValueOnce(0).mockReturnValue(Number.MAX_SAFE_INTEGER);
  const { property, values } = counted(() => true);
  await search(property, { least: 20, most: 1_000 });
  clock.mockRestore();
  expect(values).toHaveLength(20);
});

test.skipIf(isLongSearch)('a quick property has its maximum number of runs', async () => {
  vi.spyOn(performance, 'now').mockReturnValue(0);
  const { property, values } = counted(() => true);
  await search(property, { least: 20, most: 60 });
  vi.restoreAllMocks();
  expect(values).toHaveLength(60);
});

test('a failure names its seed, and with that seed the first round fails in the same way', async () => {
  const isSmall = (value: number) => value < 1_000_000;
  const failure = (box: Parameters<typeof search>[1]) =>
    search(counted(isSmall).property, box).then(
      () => 'no failure',
      (error: Error) => error.message,
    );
  const first = await failure({ least: 100, most: 1_000 });
  const [, seed = ''] = /PROPERTY_SEED=(\d+)\./.exec(first) ?? [];
  vi.stubEnv('PROPERTY_SEED', seed);
  expect(await failure({ least: 100, most: 100 })).toBe(first);
});

test.skipIf(isLongSearch)('points are few, evenly spaced, unique, and begin with the first', () => {
  expect(pointsUpTo(250, 5)).toEqual([1, 51, 101, 151, 201]);
  expect(pointsUpTo(3, 5)).toEqual([1, 2, 3]);
});
