import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Deps, Table } from '../aws/deps.ts';
import { sinceOf } from '../pipeline/record.ts';
import { IN_FLIGHT_STATUSES, type InFlightStatus } from '../pipeline/status.ts';
import { listByStatus } from '../pipeline/status-index.ts';
import { type HourLimits, readAgedCounters } from './aged-counters.ts';
import { type Ages, agesIn, countBefore, type Overdue } from './ages.ts';
import { readCounters } from './counter-items.ts';
import { counterPartition } from './counter-kind.ts';
import type { Counters } from './counters.ts';
import { listDates } from './dates.ts';
import { withHeadTimes } from './known-age.ts';

const HOUR = 3_600_000;

/** How many files of a date are over a limit, and of how many it is unknown since when. */
export interface OverdueDate extends Overdue {
  readonly date_prefix: string;
  readonly age_unknown: number;
}

/**
 * The dates that have files over a limit, or of unknown age, the earliest first: a read unit when there are none, and
 * half a one for each date until all are found. So a sweep need read nothing else.
 *
 * @param before milliseconds since the epoch: a file that entered earlier is over the limit
 * @returns undefined when not all files are counted by age, as those of an older version: then any date may have some
 */
export async function overdueDates(
  table: Table,
  status: InFlightStatus,
  before: number,
): Promise<OverdueDate[] | undefined> {
  const { file, ages } = await readCounters(table, undefined);
  if (sumOf(ages, status) !== file[status]) return undefined;
  const wanted = lateIn(ages, status, before);
  const found: OverdueDate[] = [];
  const left = () => wanted - found.reduce((sum, { at_most, age_unknown }) => sum + at_most + age_unknown, 0);
  if (wanted === 0) return found;
  for (const date_prefix of await listDates(table)) {
    const inDate = await readAges(table, date_prefix);
    if (lateIn(inDate, status, before) > 0) {
      const age_unknown = unknownIn(inDate, status);
      found.push({ date_prefix, ...countBefore(inDate[status], before), age_unknown });
    }
    if (left() <= 0) break;
  }
  return found;
}

function lateIn(ages: Ages, status: InFlightStatus, before: number): number {
  return countBefore(ages[status], before).at_most + unknownIn(ages, status);
}

function unknownIn(ages: Ages, status: InFlightStatus): number {
  return ages[status].find(({ from }) => from === undefined)?.count ?? 0;
}

function sumOf(ages: Ages, status: InFlightStatus): number {
  return ages[status].reduce((sum, { count }) => sum + count, 0);
}

async function readAges({ docs, name }: Table, date_prefix: string): Promise<Ages> {
  const { Items = [] } = await docs.send(
    new QueryCommand({
      TableName: name,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :age)',
      ExpressionAttributeValues: { ':pk': counterPartition(date_prefix), ':age': 'age#' },
      ConsistentRead: true,
    }),
  );
  return agesIn(Items, 'file');
}

// Enough to tell late files of the very hour of the limit from those that still have time.
const MOST_LOOKED_AT = 500;

/**
 * How many files are over the limit of each status, by the minute: those of the hour that the limit goes through are
 * looked at, at most so many, where nothing else says that something is late.
 */
export async function countOverdue(
  deps: Pick<Deps, 'tracking' | 'projection' | 'now'>,
  limits: HourLimits,
): Promise<Readonly<Record<InFlightStatus, number>>> {
  const counters = await readAgedCounters(deps.projection, undefined, limits, deps.now);
  const counted = await Promise.all(
    IN_FLIGHT_STATUSES.map(async (status) => {
      const { over_limit: over, over_limit_at_most: most } = counters.late[status];
      const isClear = over > 0 || most === 0;
      return [status, isClear ? over : await lookFor(deps, status, limits, counters)] as const;
    }),
  );
  return Object.fromEntries(counted) as Record<InFlightStatus, number>;
}

async function lookFor(
  { tracking, projection, now }: Pick<Deps, 'tracking' | 'projection' | 'now'>,
  status: InFlightStatus,
  limits: HourLimits,
  { suffixes }: Pick<Counters, 'suffixes'>,
): Promise<number> {
  const query = { kind: 'file' as const, status, suffixes, range: {} };
  const { records } = await listByStatus(tracking, query, MOST_LOOKED_AT);
  const before = now - limits[status] * HOUR;
  return (await withHeadTimes(projection, records, now)).filter((record) => {
    const since = sinceOf(record, now);
    return since !== undefined && Date.parse(since) < before;
  }).length;
}
