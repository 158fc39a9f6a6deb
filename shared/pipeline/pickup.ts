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

/** When a builder takes the pending files of a date, were it woken. */
export type Pickup = 'at the next upload' | 'below the threshold' | 'to come';

/**
 * When a builder takes pending files: nothing is scheduled, only an upload wakes it. Then it takes what is pending of
 * earlier dates, and of today only when there is enough for a manifest. Pure.
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
        ? `${date_prefix} is still to come in UTC: no builder takes a file of that day before`
        : `${date_prefix} is no date of the calendar, and greater than today's: no builder takes its files before today's is the greater`;
    case 'below the threshold':
      return `today's files wait until ${max_files} are pending: ${pending} ${pending === 1 ? 'is' : 'are'} there`;
    case 'at the next upload':
      return date_prefix < dayOf(rules.now)
        ? 'the next upload takes them'
        : `the next upload takes them, since ${max_files} or more are pending today`;
  }
}

/**
 * How many files of a date are pending, counted no further than it takes to know whether a builder takes them.
 *
 * @param suffixes shard suffixes known beyond the usual ones
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

/** What will take the files of one date that were put back to pending. */
export interface PickupOfDate {
  readonly date_prefix: string;
  /** How many were, or would be, put back. */
  readonly files: number;
  /** One sentence without its full stop. */
  readonly text: string;
}

const MOST_DATES = 20;

/**
 * What will take files that are put back to pending, date by date, the latest dates first and not more than some.
 *
 * @param reset how many of each date
 * @param isDone whether they were put back already, and so are counted among those that are pending
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
