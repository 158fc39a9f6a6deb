import type { Fault } from '../../infra/simulator/faults.ts';
import { badKey, oddDateKey, otherKey, plainKey } from '../../infra/simulator/names.ts';
import type { Random } from '../../infra/simulator/random.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** What is planted once in every round of days, in this order: each fault of the simulator that is none of arrival. */
const PLANTED: readonly Fault[] = [
  'updater_missed',
  'lost_event',
  'builder_died',
  'manifest_overwritten',
  'refused',
  'job_hung',
  'output_lost',
  'uploaded_again',
  'never_started',
  'odd_suffix',
  'manifest_lost',
  'input_gone',
  'job_throttled',
  'quarantined',
  'unknown_status',
  'updater_missed_some',
  'odd_time',
  'job_missing_input',
  'job_failed',
  'reset_while_running',
  'job_timed_out',
  'lock_left',
  'report_missing',
  'job_long',
  'claim_released',
  'completed_again',
];

/** The faults of a day, each planted again after `roundDays`. */
export function faultsOf(day: number, roundDays: number): Fault[] {
  return PLANTED.filter((_, index) => Math.floor((index * roundDays) / PLANTED.length) === day % roundDays);
}

/** An object that arrives at an hour of the play. */
export interface Arrival {
  readonly hour: number;
  readonly objectKey: string;
}

const PREFIX = 'pipeline/input/';
const QUIET_EVERY = 9;
const QUIET_DAY = 5;

/** Whether nothing arrives on a day, so that what is pending waits. */
function isQuiet(day: number): boolean {
  return day % QUIET_EVERY >= QUIET_DAY && day % QUIET_EVERY <= QUIET_DAY + 1;
}

/** The objects of a day in bursts, with late ones, names that no job can read, odd dates and objects that are no files. */
export function arrivalsOf(day: number, dayMillis: number, files: number, random: Random): Arrival[] {
  if (isQuiet(day)) return [];
  const hours = [1, 7, 13, 19].map((hour) => hour + random.integer(0, 3));
  return Array.from({ length: files }, (_, index) => {
    const hour = hours[index % hours.length] ?? 0;
    return { hour, objectKey: keyOf(index, day, dayMillis, random) };
  });
}

function keyOf(index: number, day: number, dayMillis: number, random: Random): string {
  const isLate = random.chance(0.08);
  const date = new Date(dayMillis - (isLate ? random.integer(1, 3) * DAY : 0)).toISOString().slice(0, 10);
  if (index === 3 && day % 4 === 1) return badKey(PREFIX, date, random);
  if (index === 5 && day % 6 === 2) return oddDateKey(PREFIX, random);
  if (index === 7 && day % 2 === 0) return otherKey(PREFIX, date, random);
  return plainKey(PREFIX, date, !isLate, random);
}
