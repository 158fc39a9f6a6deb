import type { Table } from '../aws/deps.ts';
import type { SenderRule } from '../pipeline/sender.ts';
import { IN_FLIGHT_STATUSES, type InFlightStatus, STATUSES, type Status } from '../pipeline/status.ts';
import { countBefore } from '../projection/ages.ts';
import { partOf, readCounters, readPartition } from '../projection/counter-items.ts';
import { countsOf } from '../projection/counters.ts';
import { readSenderNames } from '../projection/known-senders.ts';
import { NO_SENDER, OTHER_SENDERS, type SenderCount, senderCountsIn } from '../projection/sender-counts.ts';
import { isoTime } from '../text/time.ts';
import type { HourLimits } from './aged-counters.ts';

const HOUR = 3_600_000;

/** Shown instead of a name: for all senders that are not counted separately, and for paths without a sender. */
const OTHERS_NAME = '(all others)';
const NOBODY_NAME = '(no sender)';

/** The files of one sender, of a date or in all. */
export interface SenderSummary {
  readonly sender: string;
  readonly total: number;
  readonly stats: Readonly<Record<Status, number>>;
  /** Files with any other status; left out if there are none. */
  readonly unknown_status?: number;
  /** The share of its settled files that failed, from 0 to 1; null if none has settled. */
  readonly failed_share: number | null;
  /** The start of the hour in which the oldest file in flight entered its status, `…Z`; null if there is none. */
  readonly oldest_since: string | null;
  /** How many have been in flight for longer than the limit of their status. */
  readonly over_limit: number;
  /** More than `over_limit` only in the hour in which a limit falls. */
  readonly over_limit_at_most: number;
}

/** All senders that have files. */
export interface SenderReport {
  /** Most failures first, then most late files. */
  readonly senders: readonly SenderSummary[];
  /** How many files are not counted by sender; 0 once a rebuild has ended after the profile got its path. */
  readonly not_counted: number;
}

/**
 * How many files each sender has in each status, and how many are late: two Queries and a Get. With 50 senders and the files
 * of a day in flight, about two read units for each consumer that counts.
 *
 * @param now milliseconds since the epoch
 */
export async function readSenders(
  table: Table,
  rule: SenderRule,
  date_prefix: string | undefined,
  limits: HourLimits,
  now: number,
): Promise<SenderReport> {
  const [items, counters, names] = await Promise.all([
    readPartition(table, date_prefix, 'eventual', 'senders'),
    readCounters(table, date_prefix, 'eventual'),
    readSenderNames(table, rule),
  ]);
  const counts = items.flatMap((item) => senderCountsIn(partOf(item)?.part ?? '', countsOf(item), rule.id));
  const senders = bySender(counts, names).map(([sender, own]) => summaryOf(sender, own, limits, now));
  const shown = senders.filter(({ total }) => total !== 0);
  const all = Object.values(counters.file).reduce((sum, count) => sum + count, 0);
  return {
    senders: shown.sort(byConcern),
    not_counted: all - shown.reduce((sum, { total }) => sum + total, 0),
  };
}

/** Sums over slots, and over two numbers with the same name. */
function bySender(counts: readonly SenderCount[], names: readonly string[]): [string, SenderCount[]][] {
  const senders = new Map<string, Map<string, SenderCount>>();
  for (const each of counts) {
    const name = nameOf(each.sender, names);
    const own = senders.get(name) ?? new Map<string, SenderCount>();
    const id = `${each.status} ${each.from}`;
    own.set(id, { ...each, count: (own.get(id)?.count ?? 0) + each.count });
    senders.set(name, own);
  }
  return [...senders].map(([name, own]) => [name, [...own.values()].filter(({ count }) => count !== 0)]);
}

function nameOf(sender: string, names: readonly string[]): string {
  if (sender === OTHER_SENDERS) return OTHERS_NAME;
  if (sender === NO_SENDER) return NOBODY_NAME;
  // The name may have been added a moment later; the next read finds it.
  return names[Number(sender)] ?? `(sender ${sender})`;
}

function byConcern(a: SenderSummary, b: SenderSummary): number {
  return (
    b.stats.failed - a.stats.failed ||
    b.over_limit - a.over_limit ||
    b.total - a.total ||
    (a.sender < b.sender ? -1 : 1)
  );
}

function summaryOf(
  sender: string,
  counts: readonly SenderCount[],
  limits: HourLimits,
  now: number,
): SenderSummary {
  const sumOf = (status: SenderCount['status']) =>
    counts.reduce((sum, each) => (each.status === status ? sum + each.count : sum), 0);
  const stats = Object.fromEntries(STATUSES.map((status) => [status, sumOf(status)])) as Record<
    Status,
    number
  >;
  const unknown = sumOf('unknown');
  const settled = stats.completed + stats.failed + stats.quarantined;
  const late = IN_FLIGHT_STATUSES.map((status) => lateIn(counts, status, now - limits[status] * HOUR));
  return {
    sender,
    total: Object.values(stats).reduce((sum, count) => sum + count, unknown),
    stats,
    ...(unknown !== 0 && { unknown_status: unknown }),
    failed_share: settled > 0 ? stats.failed / settled : null,
    oldest_since: oldestOf(counts),
    over_limit: late.reduce((sum, { over }) => sum + over, 0),
    over_limit_at_most: late.reduce((sum, { at_most }) => sum + at_most, 0),
  };
}

function lateIn(counts: readonly SenderCount[], status: InFlightStatus, before: number) {
  const buckets = counts.flatMap(({ status: of, from, count }) => (of === status ? [{ from, count }] : []));
  return countBefore(buckets, before);
}

function oldestOf(counts: readonly SenderCount[]): string | null {
  const hours = counts.flatMap(({ from, count }) => (from !== undefined && count > 0 ? [from] : []));
  return hours.length > 0 ? isoTime(Math.min(...hours)) : null;
}
