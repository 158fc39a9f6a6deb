import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Deps } from '../aws/deps.ts';
import { readPartition } from './counter-items.ts';
import { hourOf } from './failure-counts.ts';

const KEPT_MILLIS = 26 * 3_600_000;

/**
 * Removes hours that are too old for the trend from the counters of failure classes, so that their items stay small. The
 * newest hour stays, because it shows when a file last failed this way.
 *
 * @returns how many were removed
 */
export async function cutOldHours({ projection, now }: Pick<Deps, 'projection' | 'now'>): Promise<number> {
  let cut = 0;
  for (const item of await readPartition(projection, undefined, 'eventual', 'classes')) {
    const hours = Object.keys(item).filter((name) => hourOf(name) !== undefined);
    const newest = Math.max(...hours.map((name) => hourOf(name) ?? 0));
    const old = hours.filter((name) => {
      const from = hourOf(name) ?? 0;
      return from < now - KEPT_MILLIS && from < newest;
    });
    if (old.length === 0) continue;
    const update = new UpdateCommand({
      TableName: projection.name,
      Key: { pk: item.pk, sk: item.sk },
      UpdateExpression: `REMOVE ${old.map((_, i) => `#h${i}`).join(', ')}`,
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeNames: Object.fromEntries(old.map((name, i) => [`#h${i}`, name])),
    });
    // If somebody is writing there, or has removed it, do not wait: the next audit tries again.
    if (await sent(projection.docs.send(update))) cut += old.length;
  }
  return cut;
}

const IN_THE_WAY = ['ConditionalCheckFailedException', 'TransactionConflictException'];

async function sent(sending: Promise<unknown>): Promise<boolean> {
  try {
    await sending;
    return true;
  } catch (error) {
    if (error instanceof Error && IN_THE_WAY.includes(error.name)) return false;
    throw error;
  }
}
