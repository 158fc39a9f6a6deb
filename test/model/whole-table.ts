import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { liveStatus } from '../../shared/projection/head.ts';
import { type HeadItem, readHeadItem } from '../../shared/projection/items.ts';
import { compareCounts } from './differences.ts';
import { type Counts, senderIn, senderNames, sumCounts } from './projected.ts';
import { countersOf, type Truth } from './truth.ts';
import type { Ground } from './world.ts';

/** What a table must hold after many runs on it. */
export interface Ledger {
  enter(truths: readonly Truth[]): void;
  /** By counter attribute, and how many heads there must be, tombstones among them. */
  totals(): Counts;
}

const ALL_HEADS = 'heads and tombstones';

export function createLedger(): Ledger {
  const totals: Record<string, number> = {};
  return {
    enter(truths) {
      const counts = { ...countersOf(truths), [ALL_HEADS]: truths.length };
      for (const [name, count] of Object.entries(counts)) totals[name] = (totals[name] ?? 0) + count;
    },
    totals: () => totals,
  };
}

/**
 * Where the counters of everything, or the heads of the whole table, are not what all runs together come to:
 * finds what no run looks for, such as a head under a key that none of them knows.
 */
export async function tableErrors(ground: Ground, ledger: Ledger): Promise<string[]> {
  const { dynamoDb, table } = ground;
  const names = await senderNames(ground);
  const slots: Readonly<Record<string, unknown>>[] = [];
  const heads: Record<string, number> = { [ALL_HEADS]: 0 };
  const add = (name: string) => {
    heads[name] = (heads[name] ?? 0) + 1;
  };
  const client = DynamoDBDocumentClient.from(dynamoDb);
  for await (const { Items = [] } of paginateScan({ client }, { TableName: table })) {
    for (const item of Items) {
      if (item.pk === 'STATS#ALL') slots.push(item);
      if (!/^(FILE|MANIFEST)#/.test(item.pk)) continue;
      const head = readHeadItem(item as HeadItem);
      const truth = {
        ...head,
        kind: head.entity,
        status: liveStatus(head),
        failure: head.counted?.f,
        sender: senderIn(head, names),
        events: [],
      };
      add(ALL_HEADS);
      for (const name of Object.keys(countersOf([truth]))) add(name);
    }
  }
  const totals = ledger.totals();
  const standing = Object.fromEntries(Object.entries(totals).filter(([name]) => !name.includes('_arrived_')));
  const { [ALL_HEADS]: _, ...counted } = totals;
  return [
    ...compareCounts('the table', heads, standing),
    ...compareCounts('the counters of everything', sumCounts(slots, names), counted),
  ];
}
