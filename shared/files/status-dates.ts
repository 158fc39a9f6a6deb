import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { STATUS_INDEX, type StatusQuery, storedStatuses } from './status-index.ts';
import type { TrackingTable } from './tracking-table.ts';

/**
 * The first date after `after` that has records of a status, meta records among them: a query for one item in
 * each shard, however many there are. Stepping from date to date finds all dates of a status.
 *
 * @param after a date, or an empty string to begin with the first
 */
export async function nextDateOf(
  table: TrackingTable,
  query: Omit<StatusQuery, 'range'>,
  after: string,
): Promise<string | undefined> {
  const dates = await Promise.all(
    storedStatuses({ ...query, range: {} }).map((stored) => nextDateIn(table, stored, after)),
  );
  return dates.flat().sort()[0];
}

async function nextDateIn(table: TrackingTable, stored: string, after: string): Promise<string[]> {
  const { Items = [] } = await table.docs.send(
    new QueryCommand({
      TableName: table.name,
      IndexName: STATUS_INDEX,
      KeyConditionExpression: `#status = :status${after ? ' AND date_prefix > :after' : ''}`,
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':status': stored, ...(after && { ':after': after }) },
      Limit: 1,
    }),
  );
  return Items.map(({ date_prefix }) => String(date_prefix));
}
