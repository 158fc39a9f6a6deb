import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';
import { type Entity, recordKind } from '../pipeline/record.ts';
import { isStatus, parseStatus } from '../pipeline/status.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import { counterPartition } from './counter-kind.ts';

/** A shard suffix behind the status of a record. */
export interface SeenSuffix {
  readonly entity: Entity;
  readonly suffix: string;
}

/** How many are kept of each entity: a listing asks the index for each of them. */
export const MOST_SUFFIXES = 200;
// With it the item stays small, whatever is written as status.
const LONGEST_BYTES = 64;

// Beside the counters of everything, whose reader finds it in the same query.
const KEY = { pk: counterPartition(undefined), sk: 'suffixes' };

/**
 * The suffix of a status as it is stored, if it has one. That of an unknown status does not matter: such files are
 * found by their heads.
 */
export function seenSuffix(key: RecordKey, stored: unknown): SeenSuffix | undefined {
  const { status, suffix } = parseStatus(stored);
  if (suffix === '' || !isStatus(status)) return undefined;
  const entity = recordKind(key);
  return entity === 'lock' ? undefined : { entity, suffix };
}

/**
 * Keeps the suffixes that listings would not look for by themselves, before anything that has them is counted. When
 * there are more than are kept, that is noted, for answers to tell.
 *
 * @param usual those of files; manifests usually have none
 * @param learnt what this process has dealt with; added to
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
    // A process that has met so many has noted that there are more.
    if (learnt.has(name) || learnt.size > 2 * MOST_SUFFIXES) continue;
    const isKept = Buffer.byteLength(suffix) <= LONGEST_BYTES && (await keep(table, entity, suffix));
    if (!isKept) await noteMore(table);
    learnt.add(name);
  }
}

/** @returns false when there is no more room */
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
