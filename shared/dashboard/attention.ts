import { missedAfterHours } from '../aws/schedule.ts';
import type { SweepReport } from '../orphans/sweep-report.ts';
import { isInFlight, STATUSES } from '../pipeline/status.ts';
import { grouped } from '../text/number-text.ts';
import { durationText } from '../text/time-text.ts';
import type { Stats } from './answers.ts';
import { IN_FLIGHT, orphansIn } from './in-flight.ts';
import type { ViewRequest } from './view-request.ts';

/** Something that a person should look at. */
export interface Concern {
  readonly text: string;
  /** Where more is shown. */
  readonly to?: ViewRequest;
}

const LONGEST_LAG_SECONDS = 300;
const LONGEST_STANDSTILL_MILLIS = 3_600_000;
const LONGEST_WITHOUT_SWEEP_MILLIS = missedAfterHours('sweep') * 3_600_000;
const LONGEST_WITHOUT_AUDIT_MILLIS = missedAfterHours('audit') * 3_600_000;

/** What needs a person now, the most urgent first; nothing when all is well. */
export function concerns(stats: Stats | undefined, sweep: SweepReport | undefined, now: number): Concern[] {
  return [...(stats ? accuracyConcerns(stats, now) : []), ...(sweep ? sweepConcerns(sweep, now) : [])];
}

function accuracyConcerns(stats: Stats, now: number): Concern[] {
  const { lag_seconds: lag, dead_letters_waiting: letters, last_audit: audit } = stats;
  const inFlight = STATUSES.filter(isInFlight).reduce((sum, status) => sum + stats.stats[status], 0);
  const still = now - Date.parse(stats.as_of ?? new Date(now).toISOString());
  const drift = audit ? audit.drift_found - audit.drift_repaired : 0;
  return [
    ...when(
      letters && letters.waiting > 0,
      `${things(letters?.waiting ?? 0, 'dead letter')} could not be applied and wait to be replayed.`,
    ),
    ...when(
      (lag ?? 0) > LONGEST_LAG_SECONDS,
      `The counts are ${durationText((lag ?? 0) * 1_000)} behind the stream.`,
    ),
    ...when(
      inFlight > 0 && still > LONGEST_STANDSTILL_MILLIS,
      `Nothing has moved for ${durationText(still)}, and ${things(inFlight, 'file')} are in flight.`,
    ),
    ...when(drift > 0, `The last audit left ${things(drift, 'difference')} unrepaired.`),
    ...when(
      audit && isOlder(audit.at, LONGEST_WITHOUT_AUDIT_MILLIS, now),
      `The last audit was ${ageOf(audit?.at, now)} ago.`,
    ),
  ];
}

function sweepConcerns(sweep: SweepReport, now: number): Concern[] {
  const orphans = orphansIn(sweep);
  const over = IN_FLIGHT.filter(
    (status) => (sweep.oldestHours[status] ?? 0) > (sweep.limitHours[status] ?? Number.POSITIVE_INFINITY),
  );
  return [
    ...when(
      orphans > 0,
      `${things(orphans, 'orphan')} will not move by ${orphans === 1 ? 'itself' : 'themselves'}.`,
      { view: 'orphans' },
    ),
    ...when(
      over.length > 0 && orphans === 0,
      `Files are ${over.join(' and ')} for longer than they should be.`,
    ),
    ...when(
      isOlder(sweep.at, LONGEST_WITHOUT_SWEEP_MILLIS, now),
      `The last sweep was ${ageOf(sweep.at, now)} ago.`,
      { view: 'orphans' },
    ),
  ];
}

function when(holds: unknown, text: string, to?: ViewRequest): Concern[] {
  return holds ? [{ text, ...(to && { to }) }] : [];
}

function things(count: number, name: string): string {
  return `${grouped(count)} ${name}${count === 1 ? '' : 's'}`;
}

function isOlder(time: string, millis: number, now: number): boolean {
  return now - Date.parse(time) > millis;
}

function ageOf(time: string | undefined, now: number): string {
  return durationText(now - Date.parse(time ?? ''));
}
