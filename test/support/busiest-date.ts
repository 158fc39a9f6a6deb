import { type DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { recordKind } from '../../shared/pipeline/record.ts';

/**
 * The date that has the most files. A simulated pipeline files arrivals under today, which may end while a test
 * runs, and a few late files under earlier days.
 */
export async function busiestDate(client: DynamoDBDocumentClient, TableName: string): Promise<string> {
  const counts = new Map<string, number>();
  for await (const { Items = [] } of paginateScan({ client }, { TableName })) {
    for (const { date_prefix, file_key } of Items) {
      if (recordKind({ date_prefix, file_key }) !== 'file') continue;
      counts.set(date_prefix, (counts.get(date_prefix) ?? 0) + 1);
    }
  }
  const [[date] = ['']] = [...counts].sort(([, a], [, b]) => b - a);
  return date;
}
