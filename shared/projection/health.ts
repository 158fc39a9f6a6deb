import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { counterPartition, HEALTH_KEY, type Health } from './items.ts';
import type { ProjectionTable } from './projection-table.ts';

/** Notes what was found out; what is not given stays as it was. */
export async function noteHealth(table: ProjectionTable, health: Health): Promise<void> {
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
