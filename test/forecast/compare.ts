import type { FlowSample } from '../../shared/projection/flow-samples.ts';
import type { Said } from './play-days.ts';

/** How good the forecasts of some days were. */
export interface Score {
  /** Moments at which there was a backlog, so that a time could have been told. */
  readonly moments: number;
  readonly told: number;
  /** Of those told: within a quarter of how long it really took. */
  readonly hits: number;
  /** Of those told: within the range that was told. */
  readonly inRange: number;
  /** How often it said something else about a backlog, by state. */
  readonly states: Readonly<Record<string, number>>;
}

const GOAL = 0.25;

/** Compares what was said with what came, where the days went on for long enough to know. */
export function scoreOf(said: readonly Said[]): Score {
  const samples = said.map(({ sample }) => sample);
  const known = said.filter(({ forecast }) => !/clear/.test(forecast.state));
  const told = known.flatMap((each) => outcomeOf(each, samples) ?? []);
  const states: Record<string, number> = {};
  for (const { forecast } of known) states[forecast.state] = (states[forecast.state] ?? 0) + 1;
  return {
    moments: known.length,
    told: told.length,
    hits: told.filter(({ isHit }) => isHit).length,
    inRange: told.filter(({ isInRange }) => isInRange).length,
    states,
  };
}

/** What became of a told time; undefined when none was told, or the days end before it is clear. */
function outcomeOf({ sample, forecast }: Said, samples: readonly FlowSample[]) {
  if (forecast.state !== 'drains') return undefined;
  const told = Date.parse(forecast.at) - sample.at;
  const end = samples.at(-1)?.at ?? 0;
  const later = samples.filter(({ at }) => at >= sample.at);
  const drained = later.find(({ inFlight }) => inFlight <= forecast.down_to)?.at;
  // It would have drained after the end of the play: it counts only if that is too late for the goal already.
  if (drained === undefined && end - sample.at < told / (1 - GOAL)) return undefined;
  const took = (drained ?? Number.POSITIVE_INFINITY) - sample.at;
  const [from, to] = forecast.between.map((time) => Date.parse(time) - sample.at);
  return {
    took,
    told,
    isHit: Math.abs(told - took) <= GOAL * took,
    isInRange: took >= (from ?? 0) && took <= (to ?? 0),
  };
}

export function sumScores(scores: readonly Score[]): Score {
  const sum = (of: (score: Score) => number) => scores.reduce((total, score) => total + of(score), 0);
  const names = [...new Set(scores.flatMap(({ states }) => Object.keys(states)))].sort();
  return {
    moments: sum(({ moments }) => moments),
    told: sum(({ told }) => told),
    hits: sum(({ hits }) => hits),
    inRange: sum(({ inRange }) => inRange),
    states: Object.fromEntries(names.map((name) => [name, sum(({ states }) => states[name] ?? 0)])),
  };
}

/** A score for a person. */
export function scoreText({ moments, told, hits, inRange, states }: Score): string {
  const share = (part: number, whole: number) =>
    whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`;
  const { unknown = 0 } = states;
  return [
    `${hits} of ${told} told times within ±25 % (${share(hits, told)})`,
    `${share(inRange, told)} in the told range`,
    `told at ${share(told, moments)} of the moments with a backlog, and something at ${share(moments - unknown, moments)}`,
    ...Object.entries(states).map(([state, count]) => `${state} ${count}`),
  ].join(', ');
}
