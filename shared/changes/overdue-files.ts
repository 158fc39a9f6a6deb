import type { Deps } from '../aws/deps.ts';
import { sinceOf } from '../pipeline/record.ts';
import { isInFlight, parseStatus } from '../pipeline/status.ts';
import {
  type DateRange,
  eachByStatus,
  type StatusCursor,
  type StatusQuery,
} from '../pipeline/status-index.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { overdueDates } from '../statistics/overdue.ts';
import { isInRange } from '../text/time.ts';

const HOUR = 3_600_000;
const PAGE_SIZE = 1_000;
// With more dates than this, going through them one by one is no cheaper.
const MOST_DATES = 100;

/** For how many hours a file must have been in its status: the same for each status, or by status. */
export type AgeLimit = number | Readonly<Record<string, number>>;

/** Whether a record has been in its status for longer; false if its age is unknown. */
export function isOlder(limit: AgeLimit | undefined, record: TrackingRecord, now: number): boolean {
  if (limit === undefined) return true;
  const since = sinceOf(record, now);
  const hours = hoursOf(limit, parseStatus(record.status).status);
  return since !== undefined && Date.parse(since) < now - hours * HOUR;
}

/** The limit of one status; without one, no file of it is old enough. */
function hoursOf(limit: AgeLimit, status: string): number {
  return typeof limit === 'number' ? limit : (limit[status] ?? Number.POSITIVE_INFINITY);
}

/** The dates, by status, on which files are old enough, or of unknown age. */
export type OverdueByStatus = ReadonlyMap<string, readonly string[]>;

/**
 * Asks the counters of ages on which dates files have been in their status for longer than this. A status that is
 * missing in the answer must be read in full: it is not in flight, not all of it is counted by age or found on a date
 * that was noted, or the counters are known to be behind.
 */
export async function overdueByStatus(
  { projection, now }: Pick<Deps, 'projection' | 'now'>,
  statuses: readonly string[],
  olderThan: AgeLimit,
  range: DateRange,
): Promise<OverdueByStatus> {
  const asked = statuses.filter(isInFlight);
  const answers = await overdueDates(
    projection,
    asked.map((status) => ({ entity: 'file', status, before: now - hoursOf(olderThan, status) * HOUR })),
  );
  const known = asked.flatMap((status, i) => {
    const answer = answers[i];
    if (!answer || answer.elsewhere > 0 || answer.dates.length > MOST_DATES) return [];
    const dates = answer.dates.map(({ date_prefix }) => date_prefix).filter((date) => isInRange(range, date));
    return [[status, dates] as const];
  });
  return new Map(known);
}

/**
 * The records of a status on some dates, in the order of a listing of all of them.
 *
 * @param after where such a listing continues
 */
export async function* eachOfDates(
  tracking: Deps['tracking'],
  query: StatusQuery,
  dates: readonly string[],
  after: StatusCursor = {},
): AsyncGenerator<TrackingRecord, void> {
  // Dates come one after another, so those before the last one are done.
  const last = Object.values(after).reduce(
    (date, key) => (key.date_prefix > date ? key.date_prefix : date),
    '',
  );
  for (const date of [...dates].sort()) {
    if (date < last) continue;
    // A position after a record of another date is not within this one.
    const within = Object.entries(after).filter(([, { date_prefix }]) => date_prefix === date);
    const range = { start: date, end: date };
    yield* eachByStatus(tracking, { ...query, range }, PAGE_SIZE, Object.fromEntries(within));
  }
}
