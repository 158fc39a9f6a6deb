import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import type { TrackingTable } from '../files/tracking-table.ts';
import type { PlanTarget } from './plan.ts';

/** The table that plans are made for, with its ARN: another account may have a table of the same name. */
export async function readPlanTarget({ docs, name }: TrackingTable): Promise<PlanTarget> {
  const { Table } = await docs.send(new DescribeTableCommand({ TableName: name }));
  return { table: name, table_arn: Table?.TableArn };
}
