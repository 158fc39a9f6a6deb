/** @module-tag search */
import { expect, test } from 'vitest';
import { missingIn } from '../../shared/projection/recount.ts';
import { isLongSearch } from '../support/search.ts';
import { type Company, type Recounted, recountUnderFlow } from './recount-run.ts';

const SEEDS = Array.from({ length: isLongSearch ? 6 : 3 }, (_, i) => i + 1);
const ALONE: Omit<Company, 'seed'> = {
  writers: 4,
  clocks: 0,
  formerWriters: 0,
  recounters: 1,
  dead: false,
  merger: false,
};

const runAll = (company: Partial<Company>) =>
  Promise.all(SEEDS.map((seed) => recountUnderFlow({ ...ALONE, ...company, seed })));

/** Whatever happened: what is told is true, and what is repaired is right. */
function expectNothingWrong(runs: readonly Recounted[]): void {
  for (const run of runs) {
    const told = run.results.filter(({ quiet }) => quiet).map(missingIn);
    // Who comes after a repair finds nothing any more.
    const isTrue = [run.planted, ...(run.repaired > 0 && run.results.length > 1 ? [{}] : [])];
    for (const missing of told) expect(isTrue).toContainEqual(missing);
    expect(run.left).toEqual(run.repaired > 0 ? {} : run.planted);
    expect(run.unapplied).toBe(0);
    expect(run.counted).toBe(run.heads);
  }
}

test.each([1, 4, 12])(
  'beside %i writers that never rest, drift is found and repaired exactly',
  async (writers) => {
    const runs = await runAll({ writers });
    expectNothingWrong(runs);
    expect(runs.every(({ results }) => results.every(({ quiet }) => quiet))).toBe(true);
    expect(runs.map(({ left }) => left)).toEqual(runs.map(() => ({})));
    const refused = runs.map((run) => run.refused);
    expect(Math.max(...refused)).toBeLessThanOrEqual(2 * writers);
  },
);

test('beside writers of an earlier version, a recount reports and repairs nothing wrong', async () => {
  const runs = await runAll({ formerWriters: 2 });
  expectNothingWrong(runs);
  expect(runs.every(({ results }) => results.every(({ quiet }) => !quiet))).toBe(true);
});

test('beside writers whose clocks are minutes off, a recount reports and repairs nothing wrong', async () => {
  expectNothingWrong(await runAll({ clocks: 300_000 }));
});

test('while slots are merged, a recount reports and repairs nothing wrong', async () => {
  expectNothingWrong(await runAll({ merger: true }));
});

test('a recount that died stops no writer from counting', async () => {
  const runs = await runAll({ dead: true });
  expectNothingWrong(runs);
});

test('of several recounts at the same time, at most one repairs', async () => {
  const runs = await runAll({ recounters: 3 });
  expectNothingWrong(runs);
  expect(Math.max(...runs.map(({ repaired }) => repaired))).toBe(1);
});
