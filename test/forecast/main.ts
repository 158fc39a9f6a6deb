import { scoreOf, scoreText, sumScores } from './compare.ts';
import { forecastsOf, playDays } from './play-days.ts';

const SEEDS = 12;
const DAYS = 3;
const FIRST = Number(process.argv[2] ?? 1);

// How good forecasts are: days of the simulated pipeline with bursts, outages and slow times, by seed.
const scores = [];
for (let seed = FIRST; seed < FIRST + SEEDS; seed += 1) {
  const score = scoreOf(forecastsOf(await playDays(seed, DAYS)));
  scores.push(score);
  process.stdout.write(`seed ${seed}: ${scoreText(score)}\n`);
}
process.stdout.write(`all: ${scoreText(sumScores(scores))}\n`);
