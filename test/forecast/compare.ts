import type { FlowSample } from '../../shared/projection/flow-samples.ts';
import type { Said } from './play-days.ts';

/** How good the forecasts of some days were. */
export interface Score {
  /** Moments at which there was a backlog, so that a time could have been given. */
  readonly moments: number;
  /** Times that were given and can be checked. */
  readonly given: number;
  /** Of those given: within a quarter of the actual duration. */
  readonly hits: number;
  /** Of those given: within the stated range. */
  readonly inRange: number;
  /** How often there was each state of a forecast, with a backlog. */
  readonly states: Readonly<Record<string, number>>;
}

const GOAL = 0.25;

/** Compares forecasts with what really happened, as far as the played days show it. */
export function scoreOf(said: readonly Said[]): Score {
  const samples = said.map(({ sample }) => sample);
  const known = said.filter(({ forecast }) => !/clear/.test(forecast.state));
  const given = known.flatMap((each) => outcomeOf(each, samples) ?? []);
  const states: Record<string, number> = {};
  for (const { forecast } of known) states[forecast.state] = (states[forecast.state] ?? 0) + 1;
  return {
    moments: known.length,
    given: given.length,
    hits: given.filter(({ isHit }) => isHit).length,
    inRange: given.filter(({ isInRange }) => isInRange).length,
    states,
  };
}

/** Whether a forecast time was right; undefined if none was given, or if the days end before that is clear. */
function outcomeOf({ sample, forecast }: Said, samples: readonly FlowSample[]) {
  if (forecast.state !== 'drains') return undefined;
  const predicted = Date.parse(forecast.at) - sample.at;
  const end = samples.at(-1)?.at ?? 0;
  const later = samples.filter(({ at }) => at >= sample.at);
  const drained = later.find(({ inFlight }) => inFlight <= forecast.down_to)?.at;
  // If the backlog was still there when the play ended, the forecast counts only if it is certainly a miss.
  if (drained === undefined)
    return end - sample.at < predicted / (1 - GOAL) ? undefined : { isHit: false, isInRange: false };
  const took = drained - sample.at;
  const [from, to] = forecast.between.map((time) => Date.parse(time) - sample.at);
  return {
    isHit: Math.abs(predicted - took) <= GOAL * took,
    isInRange: took >= (from ?? 0) && took <= (to ?? 0),
  };
}

export function sumScores(scores: readonly Score[]): Score {
  const sum = (of: (score: Score) => number) => scores.reduce((total, score) => total + of(score), 0);
  const names = [...new Set(scores.flatMap(({ states }) => Object.keys(states)))].sort();
  return {
    moments: sum(({ moments }) => moments),
    given: sum(({ given }) => given),
    hits: sum(({ hits }) => hits),
    inRange: sum(({ inRange }) => inRange),
    states: Object.fromEntries(names.map((name) => [name, sum(({ states }) => states[name] ?? 0)])),
  };
}

/** A score as text. */
export function scoreText({ moments, given, hits, inRange, states }: Score): string {
  const share = (part: number, whole: number) =>
    whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)}%`;
  const { unknown = 0 } = states;
  return [
    `${hits} of ${given} forecast times within ±25% (${share(hits, given)})`,
    `${share(inRange, given)} within the stated range`,
    `a time at ${share(given, moments)} of the moments with a backlog, some answer at ${share(moments - unknown, moments)}`,
    ...Object.entries(states).map(([state, count]) => `${state} ${count}`),
  ].join(', ');
}
