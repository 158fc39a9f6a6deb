import { paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { Deps, Table } from '../aws/deps.ts';
import { type Entity, sinceOf } from '../pipeline/record.ts';
import { IN_FLIGHT_STATUSES, type InFlightStatus } from '../pipeline/status.ts';
import { listByStatus } from '../pipeline/status-index.ts';
import { AGE_MARK, type Ages, agesIn, countBefore, type Overdue } from '../projection/ages.ts';
import { countersIn, readWhole } from '../projection/counter-items.ts';
import { counterPartition } from '../projection/counter-kind.ts';
import type { CounterItem, Counters } from '../projection/counters.ts';
import { listDates } from '../projection/dates.ts';
import { withHeadTimes } from '../projection/known-age.ts';
import { readAcknowledged } from '../reports/acknowledged-files.ts';
import {
  acknowledgedInStatus,
  countAcknowledgedOver,
  isSameKey,
  type LateAcknowledged,
} from './acknowledged-late.ts';
import type { AgedCounters, HourLimits } from './aged-counters.ts';

const HOUR = 3_600_000;

/** Asks for files or manifests that have been in a status since before a moment. */
export interface LateQuestion {
  readonly entity: Entity;
  readonly status: InFlightStatus;
  /** Milliseconds since the epoch. */
  readonly before: number;
}

/** How many of a date are over a limit, and how many have an unknown age. */
export interface OverdueDate extends Overdue {
  readonly date_prefix: string;
  readonly age_unknown: number;
  /** All in the status, late or not. */
  readonly in_status: number;
}

/** The answer to a question, from the counted ages. */
export interface LateAnswer {
  /** All in the status, of any date. */
  readonly in_status: number;
  /** The start of the hour in which the oldest entered, in milliseconds since the epoch; undefined if there is none. */
  readonly oldest_from: number | undefined;
  /** Earliest first. */
  readonly dates: readonly OverdueDate[];
  /** How many are on none of the dates: files that moved during the read, or of a date that was never noted. */
  readonly elsewhere: number;
}

/**
 * The dates that have some over a limit, or of unknown age. It costs one read unit if there are none, and half a unit or one
 * for each date until all are found. A sweep then need not read anything else.
 *
 * @returns an answer to each question; undefined if not all in the status are counted by age (an older version did not), or
 * the counters are known to be behind: then any date may have some
 */
export async function overdueDates(
  table: Table,
  asked: readonly LateQuestion[],
): Promise<(LateAnswer | undefined)[]> {
  const { items, isBehind } = await readConsistently(table, asked);
  const searches = asked.map((question) => searchOf(items, question, isBehind));
  const isOpen = () => searches.some((search) => search !== undefined && search.left > 0);
  for (const date_prefix of isOpen() ? await listDates(table) : []) {
    const ofDate = await readAges(table, date_prefix);
    for (const search of searches) if (search && search.left > 0) addDate(search, date_prefix, ofDate);
    if (!isOpen()) break;
  }
  return searches.map((search) => search && { ...search.answer, elsewhere: Math.max(0, search.left) });
}

// A query may see half of a transaction, so ages and counts may differ for a moment.
const MOST_READS = 5;
// A consumer that is further behind may not know of files that are already late.
const MOST_LAG_MILLIS = HOUR;

async function readConsistently(table: Table, asked: readonly LateQuestion[]) {
  for (let reads = 1; ; reads++) {
    const items = await readWhole(table, undefined, 'consistent', 'statuses');
    const { asOf, lagMillis = 0, health } = countersIn(items);
    const isBehind =
      asOf === undefined || lagMillis > MOST_LAG_MILLIS || (health.dead_letters?.waiting ?? 0) > 0;
    const isWhole = asked.every((question) => isAllCounted(items, question));
    if (isWhole || isBehind || reads === MOST_READS) return { items, isBehind };
  }
}

function isAllCounted(items: readonly CounterItem[], { entity, status }: LateQuestion): boolean {
  return sumOf(agesIn(items, entity), status) === countersIn(items)[entity][status];
}

/** A question that is being answered. */
interface LateSearch {
  readonly question: LateQuestion;
  readonly answer: Pick<LateAnswer, 'in_status' | 'oldest_from'> & { readonly dates: OverdueDate[] };
  /** How many are not found yet. */
  left: number;
}

function searchOf(
  items: readonly CounterItem[],
  question: LateQuestion,
  isBehind: boolean,
): LateSearch | undefined {
  if (isBehind || !isAllCounted(items, question)) return undefined;
  const { status } = question;
  const ages = agesIn(items, question.entity);
  const in_status = sumOf(ages, status);
  const oldest_from = ages[status].find(({ from }) => from !== undefined)?.from;
  return { question, answer: { in_status, oldest_from, dates: [] }, left: lateIn(ages, question) };
}

function addDate(search: LateSearch, date_prefix: string, items: readonly CounterItem[]): void {
  const { entity, status, before } = search.question;
  const ages = agesIn(items, entity);
  const late = lateIn(ages, search.question);
  if (late <= 0) return;
  const counted = { ...countBefore(ages[status], before), age_unknown: unknownIn(ages, status) };
  search.answer.dates.push({ date_prefix, ...counted, in_status: sumOf(ages, status) });
  search.left -= late;
}

function lateIn(ages: Ages, { status, before }: LateQuestion): number {
  return countBefore(ages[status], before).at_most + unknownIn(ages, status);
}

function unknownIn(ages: Ages, status: InFlightStatus): number {
  return ages[status].find(({ from }) => from === undefined)?.count ?? 0;
}

function sumOf(ages: Ages, status: InFlightStatus): number {
  return ages[status].reduce((sum, { count }) => sum + count, 0);
}

async function readAges({ docs, name }: Table, date_prefix: string): Promise<CounterItem[]> {
  const query = {
    TableName: name,
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :age)',
    ExpressionAttributeValues: { ':pk': counterPartition(date_prefix), ':age': AGE_MARK },
    ConsistentRead: true,
  };
  const items: CounterItem[] = [];
  for await (const { Items = [] } of paginateQuery({ client: docs }, query)) items.push(...Items);
  return items;
}

// Enough to separate late files of the hour of the limit from those that still have time.
const MOST_LOOKED_AT = 500;

/**
 * How many files are over the limit of each status, to the minute, without acknowledged ones. Files of the hour in which the
 * limit falls are read, up to 500, if nothing else shows that something is late.
 *
 * @param counters of everything
 */
export async function countOverdue(
  deps: Pick<Deps, 'tracking' | 'projection' | 'now'>,
  limits: HourLimits,
  counters: AgedCounters,
): Promise<Readonly<Record<InFlightStatus, number>>> {
  const isAnyLate = IN_FLIGHT_STATUSES.some((status) => counters.late[status].over_limit_at_most > 0);
  const known = isAnyLate ? await readAcknowledged(deps) : undefined;
  const counted = await Promise.all(
    IN_FLIGHT_STATUSES.map(async (status) => {
      const { over_limit: all, over_limit_at_most: most } = counters.late[status];
      const files = known && most > 0 ? await acknowledgedInStatus(deps, known, status) : [];
      const knownOver = countAcknowledgedOver(files, deps.now - limits[status] * HOUR);
      const over = Math.max(0, all - knownOver);
      const isClear = over > 0 || most <= knownOver;
      return [status, isClear ? over : await lookFor(deps, status, limits, counters, files)] as const;
    }),
  );
  return Object.fromEntries(counted) as Record<InFlightStatus, number>;
}

async function lookFor(
  { tracking, projection, now }: Pick<Deps, 'tracking' | 'projection' | 'now'>,
  status: InFlightStatus,
  limits: HourLimits,
  { suffixes }: Pick<Counters, 'suffixes'>,
  known: readonly LateAcknowledged[],
): Promise<number> {
  const query = { kind: 'file' as const, status, suffixes, range: {} };
  const { records } = await listByStatus(tracking, query, MOST_LOOKED_AT);
  const before = now - limits[status] * HOUR;
  const others = records.filter((record) => !known.some((each) => isSameKey(each, record)));
  return (await withHeadTimes(projection, others, now)).filter((record) => {
    const since = sinceOf(record, now);
    return since !== undefined && Date.parse(since) < before;
  }).length;
}
