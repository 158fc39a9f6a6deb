import type { Table } from '../aws/deps.ts';
import { STATUSES, type Status } from '../pipeline/status.ts';
import { readCounters } from '../projection/counter-items.ts';
import type { StatusCounts } from '../projection/counters.ts';
import { countDeadLetters, type DeadLetterStore } from '../projection/dead-letters.ts';
import { type Health, noteHealth } from '../projection/health.ts';
import { saveReport } from '../reports/reports.ts';
import type { PipelineProfile } from '../settings/pipeline-profile.ts';
import { isoTime } from '../text/time.ts';
import { behindBy, noteArrivals } from './date-arrivals.ts';
import { isMissing } from './expected-files.ts';
import { isUnusual } from './usual-arrivals.ts';

/** The counters at one time, kept for trends. Times are UTC, `…Z`. */
export interface StatsReport {
  readonly at: string;
  readonly files: Readonly<Record<Status, number>>;
  readonly manifests: Readonly<Record<Status, number>>;
  /** How often files have reached each status; differences over time are the flow. */
  readonly arrivals: Readonly<Record<Status, number>>;
  /** How far the consumer was behind the stream when it last wrote. */
  readonly lagSeconds: number | undefined;
  readonly deadLettersWaiting: number;
  /** How many dates have unusually few or many files, plus how many expectations were not met. */
  readonly unusualArrivals: number;
}

const KEPT_SECONDS = 90 * 86_400;

/**
 * Reads the projection's counts, stores them, and notes how many dead letters are waiting.
 *
 * @param now milliseconds since the epoch
 */
export async function reportStats(
  projection: Table,
  deadLetters: DeadLetterStore,
  profile: Pick<PipelineProfile, 'arrivals'>,
  now: number,
): Promise<StatsReport> {
  const [counters, waiting] = await Promise.all([
    readCounters(projection, undefined),
    countDeadLetters(deadLetters),
  ]);
  const behind = behindBy(counters, now);
  const came = await noteArrivals(projection, profile.arrivals, counters.health.came, now, behind);
  const at = isoTime(now);
  const report = {
    at,
    files: pick(counters.file),
    manifests: pick(counters.manifest),
    arrivals: pick(counters.arrivals.file),
    lagSeconds: counters.lagMillis === undefined ? undefined : counters.lagMillis / 1000,
    deadLettersWaiting: waiting,
    unusualArrivals: countUnusual(came),
  };
  await noteHealth(projection, { dead_letters: { at, waiting }, came });
  const expiresAt = Math.floor(now / 1000) + KEPT_SECONDS;
  await saveReport(projection, { job: 'stats', about: at }, report, expiresAt);
  return report;
}

function countUnusual({ dates, expected = [] }: NonNullable<Health['came']>): number {
  return dates.filter(isUnusual).length + expected.filter(isMissing).length;
}

function pick(counts: StatusCounts): Record<Status, number> {
  return Object.fromEntries(STATUSES.map((status) => [status, counts[status]])) as Record<Status, number>;
}
