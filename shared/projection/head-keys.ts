import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import { headKey, type RecordId } from './items.ts';
import type { ProjectionTable } from './projection-table.ts';
import type { Entity } from './transition.ts';

const KEYS_PER_REQUEST = 100;

/**
 * Which heads exist, as JSON of their keys: half a read unit each, where finding out by a failed condition
 * would cost the write units of a whole transaction.
 */
export async function readHeadKeys(
  table: ProjectionTable,
  ids: readonly (RecordId & { readonly entity: Entity })[],
): Promise<Set<string>> {
  const present = new Set<string>();
  const keys = ids.map((id) => headKey(id.entity, id));
  for (let from = 0; from < keys.length; from += KEYS_PER_REQUEST) {
    let wanted: Record<string, unknown>[] = keys
      .slice(from, from + KEYS_PER_REQUEST)
      .map((key) => ({ ...key }));
    while (wanted.length > 0) {
      const { Responses, UnprocessedKeys } = await table.docs.send(
        new BatchGetCommand({
          RequestItems: { [table.name]: { Keys: wanted, ProjectionExpression: 'pk, sk' } },
        }),
      );
      for (const { pk, sk } of Responses?.[table.name] ?? []) present.add(JSON.stringify({ pk, sk }));
      wanted = UnprocessedKeys?.[table.name]?.Keys ?? [];
    }
  }
  return present;
}
