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
 * After another profile all heads of a date may be outdated: an audit shall renew some, and leave the others to a rebuild,
 * which has the time for it.
 */
const MOST_OUTDATED = 1_000;

/** What the heads of a date come to. */
export interface HeadCount {
  /** What they account for, as the date's counters must have it. */
  readonly held: readonly CounterChange[];
  /** Heads that an older version or another profile wrote: they are not counted as they stand. At most so many are named. */
  readonly outdated: readonly RecordKey[];
}

/**
 * Reads every head of a date consistently; a tombstone counts nowhere.
 *
 * @param senders how senders are told; undefined: they are not counted
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

/** What two parts of a date come to together. */
export function addHeadCounts(a: HeadCount, b: HeadCount): HeadCount {
  const outdated = [...a.outdated, ...b.outdated].slice(0, MOST_OUTDATED);
  return { held: sumChanges([...a.held, ...b.held]), outdated };
}

/** The same for one of `headPartitions`, and some of its keys. */
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
 * What the items of one counter partition hold of that for which heads account.
 *
 * @param date_prefix of the partition that it is told for; undefined: everything
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

/** Which items there are and how often each was written, of counters whose every write is counted. */
export function writesOf(items: readonly CounterItem[]): string[] {
  return items.flatMap(({ sk, w }) => (w === undefined ? [] : [`${sk} ${w}`])).sort();
}
