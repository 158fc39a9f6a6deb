import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';
import { type Entity, recordKind } from '../pipeline/record.ts';
import { isStatus, parseStatus } from '../pipeline/status.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import { counterPartition } from './counter-kind.ts';

/** A shard suffix after the status of a record. */
export interface SeenSuffix {
  readonly entity: Entity;
  readonly suffix: string;
}

/** How many are kept per entity: a listing queries the index for each of them. */
export const MOST_SUFFIXES = 200;
// Keeps the item small, whatever is written as a status.
const LONGEST_BYTES = 64;

// Beside the counters of everything, so that the same query finds it.
const KEY = { pk: counterPartition(undefined), sk: 'suffixes' };

/**
 * The suffix of a stored status, if it has one. The suffix of an unknown status does not matter: such files are found by
 * their heads.
 */
export function seenSuffix(key: RecordKey, stored: unknown): SeenSuffix | undefined {
  const { status, suffix } = parseStatus(stored);
  if (suffix === '' || !isStatus(status)) return undefined;
  const entity = recordKind(key);
  return entity === 'lock' ? undefined : { entity, suffix };
}

/**
 * Stores suffixes that listings would not look for otherwise, before anything that has them is counted. If there are more
 * than can be kept, that is noted, so that answers can say so.
 *
 * @param usual the usual suffixes of files; manifests usually have none
 * @param learnt what this process has already handled; new ones are added
 */
export async function learnSuffixes(
  table: Table,
  seen: readonly SeenSuffix[],
  usual: readonly string[],
  learnt: Set<string>,
): Promise<void> {
  for (const { entity, suffix } of seen) {
    if (entity === 'file' && usual.includes(suffix)) continue;
    const name = entity + suffix;
    // A process that has seen this many has already noted that there are more.
    if (learnt.has(name) || learnt.size > 2 * MOST_SUFFIXES) continue;
    const isKept = Buffer.byteLength(suffix) <= LONGEST_BYTES && (await keep(table, entity, suffix));
    if (!isKept) await noteMore(table);
    learnt.add(name);
  }
}

/** @returns false if there is no more room */
async function keep(table: Table, entity: Entity, suffix: string): Promise<boolean> {
  try {
    await table.docs.send(
      new UpdateCommand({
        TableName: table.name,
        Key: KEY,
        UpdateExpression: 'ADD #suffixes :added',
        ConditionExpression:
          'attribute_not_exists(#suffixes) OR contains(#suffixes, :suffix) OR size(#suffixes) < :most',
        ExpressionAttributeNames: { '#suffixes': `${entity}_suffixes` },
        ExpressionAttributeValues: { ':added': new Set([suffix]), ':suffix': suffix, ':most': MOST_SUFFIXES },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
    throw error;
  }
}

async function noteMore(table: Table): Promise<void> {
  await table.docs.send(
    new UpdateCommand({
      TableName: table.name,
      Key: KEY,
      UpdateExpression: 'SET more_suffixes = :yes',
      ExpressionAttributeValues: { ':yes': true },
    }),
  );
}
