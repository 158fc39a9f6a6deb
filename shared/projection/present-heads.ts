import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import type { Deps } from '../aws/deps.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import type { Head } from './head.ts';
import { type HeadItem, headKey, readHeadItem } from './items.ts';

const KEYS_PER_REQUEST = 100;
const SHORTEST_WAIT_MILLIS = 100;
const LONGEST_WAIT_MILLIS = 3_200;

/**
 * The heads that exist, without their events, by the JSON of their keys. This costs half a read unit each; finding out with a
 * failed condition would cost the write units of an entire transaction. What a busy table leaves out is asked for again
 * after a wait: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
 */
export async function readPresentHeads(
  { projection: table, sleep }: Pick<Deps, 'projection' | 'sleep'>,
  ids: readonly RecordKey[],
): Promise<Map<string, Head>> {
  const present = new Map<string, Head>();
  const keys = ids.map((id) => headKey(id));
  for (let from = 0; from < keys.length; from += KEYS_PER_REQUEST) {
    let wanted: Record<string, unknown>[] = keys
      .slice(from, from + KEYS_PER_REQUEST)
      .map((key) => ({ ...key }));
    for (let wait = SHORTEST_WAIT_MILLIS; wanted.length > 0; wait = Math.min(2 * wait, LONGEST_WAIT_MILLIS)) {
      const request = {
        Keys: wanted,
        ProjectionExpression: 'pk, sk, #status, since, c, expires_at',
        ExpressionAttributeNames: { '#status': 'status' },
      };
      const { Responses, UnprocessedKeys } = await table.docs.send(
        new BatchGetCommand({ RequestItems: { [table.name]: request } }),
      );
      for (const item of Responses?.[table.name] ?? []) {
        const { pk, sk } = item;
        present.set(JSON.stringify({ pk, sk }), readHeadItem({ ...item, events: [] } as unknown as HeadItem));
      }
      wanted = UnprocessedKeys?.[table.name]?.Keys ?? [];
      if (wanted.length > 0) await sleep(wait);
    }
  }
  return present;
}
