import { GetCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import type { Head } from './head.ts';
import { type HeadItem, headKey, type PageItem, pagePartition, readEvent, readHeadItem } from './items.ts';
import { comparePositions } from './position.ts';
import type { TimelineEvent } from './transition.ts';

/** The keys of the State Manager's own table, both text; it has no index. */
export const PROJECTION_SCHEMA = {
  partitionKey: 'pk',
  sortKey: 'sk',
  /** In epoch seconds. */
  timeToLive: 'expires_at',
} as const;

/** One head, read consistently. */
export async function readHead(table: Table, key: RecordKey): Promise<Head | undefined> {
  const { Item } = await table.docs.send(
    new GetCommand({ TableName: table.name, Key: headKey(key), ConsistentRead: true }),
  );
  return Item && readHeadItem(Item as HeadItem);
}

/** The events that a head has moved to its pages, read consistently, in stream order. */
export async function readPageEvents(table: Table, id: RecordKey): Promise<TimelineEvent[]> {
  const events: TimelineEvent[] = [];
  const query = {
    TableName: table.name,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': pagePartition(id) },
    ConsistentRead: true,
  };
  for await (const { Items = [] } of paginateQuery({ client: table.docs }, query)) {
    for (const { events: stored = [] } of Items as PageItem[]) events.push(...stored.map(readEvent));
  }
  return events.sort((a, b) => comparePositions(a.position, b.position));
}
