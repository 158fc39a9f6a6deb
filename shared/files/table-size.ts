import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import type { TrackingTable } from './tracking-table.ts';

/** How large the tracking table is, as DynamoDB tells it; it counts about every six hours. */
export async function readTableSize(table: TrackingTable): Promise<{ records: number; bytes: number }> {
  const { Table } = await table.docs.send(new DescribeTableCommand({ TableName: table.name }));
  return { records: Table?.ItemCount ?? 0, bytes: Table?.TableSizeBytes ?? 0 };
}
