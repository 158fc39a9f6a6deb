import type { Entity } from '../pipeline/record.ts';
import { IN_FLIGHT_STATUSES, type InFlightStatus, isInFlight } from '../pipeline/status.ts';
import { isoTime } from '../text/time.ts';
import { type CounterKind, counterPartition } from './counter-kind.ts';
import type { CounterItem } from './counters.ts';

const HOUR = 3_600_000;

/** The prefix of the sort keys of ages. It sorts after the counts, so that counts can be read without ages. */
export const AGE_MARK = 'age#';

const UNKNOWN_DAY = 'unknown';

// For files and manifests. Attribute names are short, a letter and the hour of the day, because every write pays for them.
const LETTERS: Readonly<Record<Entity, Readonly<Record<InFlightStatus, string>>>> = {
  file: { pending: 'p', manifested: 'm', processing: 'r' },
  manifest: { pending: 'P', manifested: 'M', processing: 'R' },
};

/**
 * How many of those in flight entered their status in each hour (UTC), with one counter for each day of entry,
 * whatever the number of files. A head keeps the hour in which it is counted.
 */
export const ageCounts: CounterKind = {
  name: 'a',
  placeOf: ({ entity, status, since }) =>
    isInFlight(status) ? `${LETTERS[entity][status]}${hourOf(since)}` : undefined,
  held({ date_prefix, counted }) {
    const place = counted?.a;
    if (place === undefined) return [];
    const [letter = '', day = UNKNOWN_DAY, hour = ''] = PLACE.exec(place)?.slice(1) ?? [];
    const part = `${AGE_MARK}${day}`;
    const add = { [`${letter}${hour}`]: 1 };
    return [undefined, date_prefix].map((date) => ({ pk: counterPartition(date), part, add }));
  },
  isHeld: (part) => part.startsWith(AGE_MARK),
};

const PLACE = /^(.)(?:(\d{4}-\d\d-\d\d)T(\d\d))?$/;
const IN_HOUR = /^\d{4}-\d\d-\d\dT\d\d/;

/** Empty if the time is unknown. */
function hourOf(since: string): string {
  return IN_HOUR.exec(since)?.[0] ?? '';
}

/** Those that entered a status in one hour. */
export interface AgeBucket {
  /** When the hour began, in milliseconds since the epoch; undefined if it is unknown when they entered. */
  readonly from: number | undefined;
  readonly count: number;
}

/** The non-empty buckets of each in-flight status, oldest first. */
export type Ages = Readonly<Record<InFlightStatus, readonly AgeBucket[]>>;

/** Adds up the ages in the items of one counter partition. */
export function agesIn(items: readonly CounterItem[], entity: Entity): Ages {
  const ages = IN_FLIGHT_STATUSES.map((status) => [status, bucketsOf(items, LETTERS[entity][status])]);
  return Object.fromEntries(ages) as Ages;
}

function bucketsOf(items: readonly CounterItem[], letter: string): AgeBucket[] {
  const counts = new Map<number | undefined, number>();
  for (const item of items) {
    const [, day] = AGE_ITEM.exec(String(item.sk)) ?? [];
    if (day === undefined) continue;
    for (const [attribute, count] of Object.entries(item)) {
      if (attribute[0] !== letter || typeof count !== 'number' || !HOUR_ATTRIBUTE.test(attribute)) continue;
      const from = day === UNKNOWN_DAY ? undefined : Date.parse(`${day}T${attribute.slice(1)}:00:00Z`);
      counts.set(from, (counts.get(from) ?? 0) + count);
    }
  }
  return [...counts]
    .map(([from, count]) => ({ from, count }))
    .filter(({ count }) => count !== 0)
    .sort((a, b) => (a.from ?? 0) - (b.from ?? 0));
}

const AGE_ITEM = /^age#(.+)#\d+$/;
const HOUR_ATTRIBUTE = /^[pmrPMR](?:\d\d)?$/;

/** How many of a status are over a limit. */
export interface Overdue {
  /** Certainly. */
  readonly over: number;
  /** At most: including those that entered in the hour in which the limit falls. */
  readonly at_most: number;
}

/**
 * Counts those that have been in their status for longer than a limit.
 *
 * @param before milliseconds since the epoch; files that entered earlier are over the limit
 */
export function countBefore(buckets: readonly AgeBucket[], before: number): Overdue {
  const sumOf = (isIn: (from: number) => boolean) =>
    buckets.reduce((sum, { from, count }) => (from !== undefined && isIn(from) ? sum + count : sum), 0);
  return {
    over: sumOf((from) => from + HOUR <= before),
    at_most: sumOf((from) => from < before),
  };
}

/** Whether `countBefore` includes a file that entered at this time in `at_most`. @param since UTC, `…Z` */
export function isCountedBefore(since: string, before: number): boolean {
  return Math.floor(Date.parse(since) / HOUR) * HOUR < before;
}

/** The ages of files in one status. */
export interface StatusAge {
  readonly limit_hours: number;
  /** The start of the hour in which the oldest entered, `…Z`; null if there is none. */
  readonly oldest_since: string | null;
  readonly over_limit: number;
  /** More than `over_limit` only in the hour in which the limit falls. */
  readonly over_limit_at_most: number;
  /** How many more will be over the limit at that time unless they move. */
  readonly soon: { readonly at: string; readonly more: number };
  /** How many have an unknown age. */
  readonly age_unknown: number;
  /** How many are in the status but not yet counted by age; 0 unless an older version counted them. */
  readonly not_counted: number;
}

const SOON_HOURS = 4;

/**
 * Says for each status what is late and what soon will be.
 *
 * @param counts how many are in each status, from the counters of statuses in the same answer
 * @param limits in hours
 * @param now milliseconds since the epoch
 */
export function describeAges(
  ages: Ages,
  counts: Readonly<Record<InFlightStatus, number>>,
  limits: Readonly<Record<InFlightStatus, number>>,
  now: number,
): Record<InFlightStatus, StatusAge> {
  const described = IN_FLIGHT_STATUSES.map((status) => {
    const buckets = ages[status];
    const counted = buckets.reduce((sum, { count }) => sum + count, 0);
    return [status, { ...describe(buckets, limits[status], now), not_counted: counts[status] - counted }];
  });
  return Object.fromEntries(described) as Record<InFlightStatus, StatusAge>;
}

function describe(buckets: readonly AgeBucket[], limit_hours: number, now: number) {
  const oldest = buckets.find(({ from, count }) => from !== undefined && count > 0)?.from;
  const limit = limit_hours * HOUR;
  const { over, at_most } = countBefore(buckets, now - limit);
  // A time on the edge of an hour's bucket, so that the number is exact. Nothing is counted beyond the present hour.
  const cut = Math.min(Math.floor((now - limit) / HOUR + SOON_HOURS), Math.floor(now / HOUR) + 1) * HOUR;
  return {
    limit_hours,
    oldest_since: oldest === undefined ? null : isoTime(oldest),
    over_limit: over,
    over_limit_at_most: at_most,
    soon: { at: isoTime(cut + limit), more: countBefore(buckets, cut).over - over },
    age_unknown: buckets.find(({ from }) => from === undefined)?.count ?? 0,
  };
}
