import { paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';
import { senderRule } from '../pipeline/sender.ts';
import { keyOf, type RecordKey } from '../pipeline/tracking-table.ts';
import type { SenderPath } from '../settings/index-profile.ts';
import { partOf } from './counter-items.ts';
import { type CounterChange, counterPartition } from './counter-kind.ts';
import { heldBy, isHeld, sumChanges } from './counter-kinds.ts';
import { type CounterItem, countsOf } from './counters.ts';
import { isCountedAsItStands, liveHead } from './head.ts';
import { headKeyCondition } from './head-range.ts';
import { type HeadItem, headPartitions, readHeadItem } from './items.ts';

/**
 * After a change of the profile, all heads of a date may be outdated. An audit renews some and leaves the others to a
 * rebuild, which has the time for it.
 */
const MOST_OUTDATED = 1_000;

/** The result of counting the heads of a date. */
export interface HeadCount {
  /** What they account for; the date's counters must match it. */
  readonly held: readonly CounterChange[];
  /** Heads from an older version or another profile that are not counted by their current state; only the first 1,000. */
  readonly outdated: readonly RecordKey[];
}

/**
 * Reads every head of a date consistently; a tombstone is counted nowhere.
 *
 * @param senders how senders are found; undefined if they are not counted
 */
export async function countHeads(
  table: Table,
  date_prefix: string,
  senders: SenderPath | undefined,
): Promise<HeadCount> {
  let count: HeadCount = { held: [], outdated: [] };
  for (const { pk } of headPartitions(date_prefix)) {
    count = addHeadCounts(count, await countHeadsIn(table, date_prefix, { pk, after: '' }, senders));
  }
  return count;
}

/** The sum of two parts of a date. */
export function addHeadCounts(a: HeadCount, b: HeadCount): HeadCount {
  const outdated = [...a.outdated, ...b.outdated].slice(0, MOST_OUTDATED);
  return { held: sumChanges([...a.held, ...b.held]), outdated };
}

/** The same for a range of keys in one of `headPartitions`. */
export async function countHeadsIn(
  table: Table,
  date_prefix: string,
  { pk, ...range }: { readonly pk: string } & Parameters<typeof headKeyCondition>[1],
  senders: SenderPath | undefined,
): Promise<HeadCount> {
  const query = {
    TableName: table.name,
    ...headKeyCondition(pk, range),
    ProjectionExpression: 'pk, sk, #status, since, c, expires_at',
    ExpressionAttributeNames: { '#status': 'status' },
    ConsistentRead: true,
  };
  const counted = counterPartition(date_prefix);
  const ruleId = senderRule(senders)?.id;
  const outdated: RecordKey[] = [];
  let held: CounterChange[] = [];
  for await (const { Items = [] } of paginateQuery({ client: table.docs }, query)) {
    const heads = Items.filter(({ sk }) => sk !== range.after).map((item) =>
      readHeadItem({ ...item, events: [] } as unknown as HeadItem),
    );
    const changes = heads.flatMap((head) => {
      const live = liveHead(head);
      return live ? heldBy(live).filter((change) => change.pk === counted) : [];
    });
    held = sumChanges([...held, ...changes]);
    const room = MOST_OUTDATED - outdated.length;
    const found = room > 0 ? heads.filter((head) => !isCountedAsItStands(head, ruleId)) : [];
    outdated.push(...found.slice(0, room).map(keyOf));
  }
  return { held, outdated };
}

/**
 * The counts in one counter partition that heads account for.
 *
 * @param date_prefix the date of the result; undefined for everything
 */
export function heldIn(items: readonly CounterItem[], date_prefix: string | undefined): CounterChange[] {
  const pk = counterPartition(date_prefix);
  const changes = items.flatMap((item) => {
    const { part } = partOf(item) ?? {};
    if (part === undefined) return [];
    const counts = Object.entries(countsOf(item)).filter(([attribute]) => isHeld(part, attribute));
    return [{ pk, part, add: Object.fromEntries(counts) }];
  });
  return sumChanges(changes);
}

/** The items of counters that count their own writes, with how often each was written. */
export function writesOf(items: readonly CounterItem[]): string[] {
  return items.flatMap(({ sk, w }) => (w === undefined ? [] : [`${sk} ${w}`])).sort();
}
