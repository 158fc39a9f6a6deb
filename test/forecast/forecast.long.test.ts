import { expect, test } from 'vitest';
import { scoreOf, sumScores } from './compare.ts';
import { forecastsOf, playDays } from './play-days.ts';

const SEEDS = [21, 22, 23, 24, 25, 26];
const DAYS = 3;

test('nine of ten told times are within a quarter of how long it took, with bursts, outages and a consumer that is down', async () => {
  const scores = [];
  for (const seed of SEEDS) scores.push(scoreOf(forecastsOf(await playDays(seed, DAYS))));
  const { told, hits, inRange } = sumScores(scores);
  expect(told).toBeGreaterThan(40);
  expect(hits / told).toBeGreaterThanOrEqual(0.9);
  expect(inRange / told).toBeGreaterThanOrEqual(0.9);
});
