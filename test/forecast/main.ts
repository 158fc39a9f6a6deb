import { type Score, scoreOf, scoreText, sumScores } from './compare.ts';
import { forecastsOf, KINDS, type PlayKind, playDays } from './play-days.ts';

const SEEDS = 6;
const DAYS = 3;
const FIRST = Number(process.argv[2] ?? 1);

// How good forecasts are: days of simulated pipelines with bursts, outages and slow periods, by kind and seed.
const all: Score[] = [];
for (const [name, kind] of Object.entries<PlayKind>(KINDS)) {
  const scores: Score[] = [];
  for (let seed = FIRST; seed < FIRST + SEEDS; seed += 1)
    scores.push(scoreOf(forecastsOf(await playDays(seed, DAYS, kind), kind)));
  all.push(...scores);
  process.stdout.write(`${name}: ${scoreText(sumScores(scores))}\n`);
}
process.stdout.write(`all: ${scoreText(sumScores(all))}\n`);
