import { QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';
import { type CounterItem, type Counters, sumCounters } from './counters.ts';
import type { ItemKey } from './items.ts';

// Apart from heads: whoever reads counts needs nothing of what they count.

/** Counters of one key are spread over this many items, so that concurrent consumers seldom conflict. */
export const SLOTS = 4;

/** The counters of one date, or of everything when no date is given. */
export function counterPartition(date_prefix: string | undefined): string {
  return date_prefix === undefined ? 'STATS#ALL' : `STATS#${date_prefix}`;
}

export function counterKey(date_prefix: string | undefined, slot: number): ItemKey {
  return { pk: counterPartition(date_prefix), sk: String(slot % SLOTS) };
}

/** Kept beside the counters of everything, so that one query tells the counts and how far to trust them. */
const HEALTH_KEY = 'health';

/** What is known of the projection's accuracy. Times are UTC, `…Z`. */
export interface Health {
  /** The last comparison of heads and counters with the tracking table. */
  readonly audit?: {
    readonly at: string;
    readonly drift_found: number;
    readonly drift_repaired: number;
    /** Where S3 and the tracking table disagreed; left out by audits of older versions. */
    readonly issues_found?: number;
  };
  /** How many dead letters waited when they were last counted. */
  readonly dead_letters?: { readonly at: string; readonly waiting: number };
}

/**
 * The counters of one date, or of everything: a single Query over a handful of small items, at most one
 * read unit however many files there are.
 */
export async function readCounters(
  table: Table,
  date_prefix: string | undefined,
): Promise<Counters & { readonly health: Health }> {
  const { Items = [] } = await table.docs.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': counterPartition(date_prefix) },
      ConsistentRead: true,
    }),
  );
  const { audit, dead_letters } = Items.find(({ sk }) => sk === HEALTH_KEY) ?? {};
  const slots = Items.filter(({ sk }) => sk !== HEALTH_KEY);
  return { ...sumCounters(slots as CounterItem[]), health: { audit, dead_letters } };
}

/** Notes what was found out; what is not given stays as it was. */
export async function noteHealth(table: Table, health: Health): Promise<void> {
  const parts = Object.entries(health);
  await table.docs.send(
    new UpdateCommand({
      TableName: table.name,
      Key: { pk: counterPartition(undefined), sk: HEALTH_KEY },
      UpdateExpression: `SET ${parts.map((_, i) => `#h${i} = :h${i}`).join(', ')}`,
      ExpressionAttributeNames: Object.fromEntries(parts.map(([name], i) => [`#h${i}`, name])),
      ExpressionAttributeValues: Object.fromEntries(parts.map(([, value], i) => [`:h${i}`, value])),
    }),
  );
}
