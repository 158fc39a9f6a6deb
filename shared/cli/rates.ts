import { STATUSES, type Status } from '../files/status.ts';

/** How often each status had been reached at one moment. */
export interface Sample {
  /** Milliseconds. */
  readonly at: number;
  readonly arrivals: Readonly<Record<Status, number>>;
}

export type Rates = Readonly<Record<Status, number>>;

const WINDOW_MILLIS = 60_000;

/** The samples that the next rate is measured over: those of the last minute. */
export function withSample(samples: readonly Sample[], sample: Sample): Sample[] {
  return [...samples.filter(({ at }) => sample.at - at <= WINDOW_MILLIS), sample];
}

/** Arrivals per minute in each status, from the first sample to the last; undefined until there are two. */
export function ratesPerMinute(samples: readonly Sample[]): Rates | undefined {
  const [first] = samples;
  const last = samples.at(-1);
  if (!first || !last || last.at <= first.at) return undefined;
  const minutes = (last.at - first.at) / 60_000;
  const rate = (status: Status) => (last.arrivals[status] - first.arrivals[status]) / minutes;
  return Object.fromEntries(STATUSES.map((status) => [status, rate(status)])) as Record<Status, number>;
}
