import type { Table } from '../aws/deps.ts';
import { STATUSES, type Status } from '../pipeline/status.ts';
import { isoTime } from '../text/time.ts';
import { noteHealth, readCounters } from './counter-items.ts';
import type { StatusCounts } from './counters.ts';
import { noteArrivals } from './date-arrivals.ts';
import { type DeadLetterStore, listDeadLetters } from './dead-letters.ts';
import { saveReport } from './reports.ts';

/** The counters at one time, kept so that trends can be told. Times are UTC, `…Z`. */
export interface StatsReport {
  readonly at: string;
  readonly files: Readonly<Record<Status, number>>;
  readonly manifests: Readonly<Record<Status, number>>;
  /** How often files reached each status: the differences are the flow. */
  readonly arrivals: Readonly<Record<Status, number>>;
  /** How far the consumer was behind the stream when it last wrote. */
  readonly lagSeconds: number | undefined;
  readonly deadLettersWaiting: number;
}

const KEPT_SECONDS = 90 * 86_400;

/**
 * Reads what the projection counts, keeps it, and notes how many dead letters wait.
 *
 * @param now milliseconds since the epoch
 */
export async function reportStats(
  projection: Table,
  deadLetters: DeadLetterStore,
  now: number,
): Promise<StatsReport> {
  const [counters, waiting] = await Promise.all([
    readCounters(projection, undefined),
    countDeadLetters(deadLetters),
  ]);
  const dates = await noteArrivals(projection, now);
  const at = isoTime(now);
  const report = {
    at,
    files: pick(counters.file),
    manifests: pick(counters.manifest),
    arrivals: pick(counters.arrivals.file),
    lagSeconds: counters.lagMillis === undefined ? undefined : counters.lagMillis / 1000,
    deadLettersWaiting: waiting,
  };
  await noteHealth(projection, { dead_letters: { at, waiting }, came: { at, dates } });
  const expiresAt = Math.floor(now / 1000) + KEPT_SECONDS;
  await saveReport(projection, { job: 'stats', about: at }, report, expiresAt);
  return report;
}

async function countDeadLetters(store: DeadLetterStore): Promise<number> {
  let waiting = 0;
  for await (const _ of listDeadLetters(store)) waiting += 1;
  return waiting;
}

function pick(counts: StatusCounts): Record<Status, number> {
  return Object.fromEntries(STATUSES.map((status) => [status, counts[status]])) as Record<Status, number>;
}
