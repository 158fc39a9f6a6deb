import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { LocalAws } from './local-aws.ts';

/** Puts records into the tracking table that are stored by their keys as JSON, as `streamedTable` has them. */
export async function putRecords(
  { documents, trackingTable }: Pick<LocalAws, 'documents' | 'trackingTable'>,
  records: ReadonlyMap<string, object>,
): Promise<void> {
  const items = [...records].map(([key, attributes]) => ({ ...attributes, ...JSON.parse(key) }));
  for (let from = 0; from < items.length; from += 25) {
    const puts = items.slice(from, from + 25).map((Item) => ({ PutRequest: { Item } }));
    await documents.send(new BatchWriteCommand({ RequestItems: { [trackingTable]: puts } }));
  }
}
