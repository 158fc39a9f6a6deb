import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MEASURED } from '../../infra/costs.ts';
import { measureRush } from '../bench/contention.ts';
import { headsPerTransition, simulateDay } from './scenarios.ts';
import { type Load, simulate } from './simulate.ts';
import {
  CONTENTION_HEAD,
  type Contention,
  contentionRows,
  MEASURED_CONTENTION,
  markdownTable,
  outcomeCells,
  simulateRush,
  simulateVolume,
} from './tables.ts';

const page = readFileSync(new URL('../../docs/scale.md', import.meta.url), 'utf8');

test.each([1e5, 1e6, 1e7, 1e8])(
  'for %d files a day docs/scale.md has the simulated figures; npm run simulate -- --write writes them',
  async (filesPerDay) => {
    for (const outcome of await simulateVolume(filesPerDay))
      expect(page).toContain(`| ${outcomeCells(outcome).join(' | ')} |`);
  },
);

test('docs/scale.md says how accurate the model is', async () => {
  expect(page).toContain(markdownTable(CONTENTION_HEAD, await contentionRows()));
});

test.each([1, 4])(
  'the model of %d consumers gives the results of the real code',
  { tags: ['long'] },
  async (consumers) => {
    const rush = { consumers, seconds: 3 };
    const real = await measureRush({
      ...rush,
      ...{ design: 'present', batchSize: 200, conflicts: true, seed: 1 },
    });
    const model = await simulateRush(rush);
    expect(Math.abs(model.transitions / real.transitions - 1)).toBeLessThan(0.05);
    expect(Math.abs(model.cancelled / model.sent - real.cancelled / real.sent)).toBeLessThan(0.01);
  },
);

test('with up to 64 consumers, the model is within 5% of the results of the real code', async () => {
  const measured: Contention[] = JSON.parse(readFileSync(MEASURED_CONTENTION, 'utf8'));
  expect(measured.map(({ consumers }) => consumers)).toEqual([1, 4, 16, 64]);
  for (const rush of measured) {
    const { transitions, cancelled, sent } = await simulateRush(rush);
    expect(Math.abs(transitions / rush.seconds / rush.transitionsPerSecond - 1)).toBeLessThan(0.05);
    expect(Math.abs((100 * cancelled) / sent - rush.cancelledPercent)).toBeLessThan(1);
  }
});

const LOAD: Load = {
  ...{ shards: 4, headsPerBatch: 500, transitionsPerBatch: 600, fillSeconds: 1 },
  ...{ millisPerBatch: 30, millisPerHead: 0.3, ranges: 'unsplit', warmUpSeconds: 2, seconds: 10, seed: 7 },
};

test('the same seed gives the same results, another one gives others', async () => {
  expect(await simulate(LOAD)).toEqual(await simulate(LOAD));
  expect((await simulate({ ...LOAD, seed: 8 })).p99).not.toBe((await simulate(LOAD)).p99);
});

test('everything is applied as long as the consumers have time for it', async () => {
  const { transitions, elapsedSeconds, busy } = await simulate(LOAD);
  expect(busy).toBeLessThan(1);
  expect(transitions / elapsedSeconds / 2_400).toBeGreaterThan(0.9);
  const tooMuch = await simulate({ ...LOAD, headsPerBatch: 5_000 });
  expect(tooMuch.busy).toBeGreaterThan(1);
  expect(tooMuch.lagSeconds).toBeGreaterThan(2);
});

test('a key range that is too hot throttles until it is split', async () => {
  const hot = { ...LOAD, shards: 16, headsPerBatch: 900 };
  expect((await simulate(hot)).throttled).toBeGreaterThan(0);
  expect((await simulate({ ...hot, ranges: 'split' })).throttled).toBe(0);
});

test('a longer batch writes fewer heads for its transitions', () => {
  const heads = [1, 10, 60, 300].map((seconds) => headsPerTransition(338_000, seconds, MEASURED));
  expect(heads).toEqual([...heads].sort((a, b) => b - a));
  expect(Math.max(...heads)).toBeLessThanOrEqual(1);
});

test('catching up after an outage takes hours, and ends', async () => {
  const { catchUpHours } = await simulateDay(1e6, 'after 12 hours of outage', {
    units: MEASURED,
    windowSeconds: 10,
  });
  expect(catchUpHours).toBeGreaterThan(0);
  expect(catchUpHours).toBeLessThan(12);
});
