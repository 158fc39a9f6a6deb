import type { TrackingTable } from '../aws/deps.ts';
import type { PipelineProfile } from '../settings/pipeline-profile.ts';
import { countOf } from '../text/number-text.ts';
import { dayOf, isCalendarDate } from '../text/time.ts';
import { type KnownSuffixes, listByStatus, USUAL_SUFFIXES_ONLY } from './status-index.ts';

/** What decides when pending files of a date are taken. */
export interface PickupRules {
  readonly profile: Pick<PipelineProfile, 'builder'>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** When a builder would take the pending files of a date. */
export type Pickup = 'at the next upload' | 'below the threshold' | 'to come';

/**
 * When a builder takes pending files: nothing is scheduled, only an upload wakes it. It then takes pending files of
 * earlier dates, and those of today only if there are enough for a manifest. Pure.
 *
 * @param pending how many are pending there; needed for today only
 */
export function pickupOf(date_prefix: string, pending: number, { profile, now }: PickupRules): Pickup {
  const today = dayOf(now);
  if (date_prefix > today) return 'to come';
  return date_prefix < today || pending >= profile.builder.max_files
    ? 'at the next upload'
    : 'below the threshold';
}

/** The same as a sentence without its full stop. */
export function pickupText(date_prefix: string, pending: number, rules: PickupRules): string {
  const { max_files } = rules.profile.builder;
  switch (pickupOf(date_prefix, pending, rules)) {
    case 'to come':
      return isCalendarDate(date_prefix)
        ? `${date_prefix} is in the future (UTC): no builder takes its files before that day`
        : `${date_prefix} is not a date of the calendar, and sorts after today: no builder takes its files until today's date sorts after it`;
    case 'below the threshold':
      return `today's files wait until ${max_files} are pending: there ${pending === 1 ? 'is' : 'are'} ${pending} now`;
    case 'at the next upload':
      return date_prefix < dayOf(rules.now)
        ? 'the next upload takes them'
        : `the next upload takes them, since ${max_files} or more are pending today`;
  }
}

/**
 * How many files of a date are pending, counted only until it is known whether a builder takes them.
 *
 * @param suffixes known shard suffixes besides the usual ones
 */
export async function countPending(
  tracking: TrackingTable,
  date: string,
  suffixes: KnownSuffixes,
  { builder }: Pick<PipelineProfile, 'builder'>,
): Promise<number> {
  const query = { kind: 'file' as const, status: 'pending', suffixes, range: { start: date, end: date } };
  const { records } = await listByStatus(tracking, query, builder.max_files);
  return records.length;
}

/** What will pick up the files of one date that were reset. */
export interface PickupOfDate {
  readonly date_prefix: string;
  /** How many were, or would be, reset. */
  readonly files: number;
  /** One sentence without its full stop. */
  readonly text: string;
}

const MOST_DATES = 20;

/**
 * What will pick up files that are reset, date by date, the latest dates first, up to a number of dates.
 *
 * @param reset how many of each date
 * @param isDone whether they have been reset already, and so are counted among the pending ones
 */
export async function pickupByDate(
  deps: PickupRules & { readonly tracking: TrackingTable },
  reset: ReadonlyMap<string, number>,
  isDone: boolean,
  suffixes: KnownSuffixes = USUAL_SUFFIXES_ONLY,
): Promise<readonly PickupOfDate[]> {
  const today = dayOf(deps.now);
  const ofToday = reset.get(today);
  const there = ofToday ? await countPending(deps.tracking, today, suffixes, deps.profile) : 0;
  // An index lags behind its table by a moment.
  const pending = isDone ? Math.max(there, ofToday ?? 0) : there + (ofToday ?? 0);
  return [...reset]
    .sort(([a], [b]) => (a < b ? 1 : -1))
    .slice(0, MOST_DATES)
    .map(([date_prefix, files]) => ({ date_prefix, files, text: pickupText(date_prefix, pending, deps) }));
}

/** Such as `2026-11-23, 4 files: the next upload takes them.` */
export function pickupLine({ date_prefix, files, text }: PickupOfDate): string {
  return `${date_prefix}, ${countOf(files, 'file')}: ${text}.`;
}
