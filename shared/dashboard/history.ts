import { isInFlight, STATUSES, type Status } from '../pipeline/status.ts';
import type { StatsReport } from '../projection/stats-report.ts';

/** What the counters said at one moment. */
export interface Sample {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Files in each status. */
  readonly counts: Readonly<Record<Status, number>>;
  /** How often each status was reached so far. */
  readonly arrivals: Readonly<Record<Status, number>>;
}

const KEPT_MILLIS = 3_600_000;
const CLOSEST_MILLIS = 2_000;

/**
 * Adds a sample to those of the last hour. The counters know no past: whoever shows them again and again
 * keeps it. Of samples right after each other only the newest stays; after a clock was put back they begin
 * anew.
 */
export function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const [before, last] = [samples.at(-2), samples.at(-1)];
  if (last && sample.at < last.at) return [sample];
  const isCrowded = before && last && last.at - before.at < CLOSEST_MILLIS;
  const apart = isCrowded ? samples.slice(0, -1) : samples;
  return [...apart.filter(({ at }) => sample.at - at <= KEPT_MILLIS), sample];
}

/** The hourly reports before the samples that are at hand. */
export function withReports(reports: readonly StatsReport[], samples: readonly Sample[]): readonly Sample[] {
  const first = samples[0]?.at ?? Number.POSITIVE_INFINITY;
  const earlier = reports.map(({ at, files, arrivals }) => ({ at: Date.parse(at), counts: files, arrivals }));
  return [...earlier.filter(({ at }) => at < first), ...samples];
}

/** How often a status was reached until a sample: any that settles a file. */
export function settledIn({ arrivals }: Sample): number {
  return STATUSES.filter((status) => !isInFlight(status)).reduce((sum, status) => sum + arrivals[status], 0);
}
