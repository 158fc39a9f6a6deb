import { paginateQuery, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';
import type { ApplyDeps } from './apply.ts';
import { readCounters } from './counter-items.ts';
import { addCounts, bothOf } from './counter-writes.ts';
import { COUNTED_STATUSES, type CountDelta, type Counters, countAttribute, sumDeltas } from './counters.ts';
import { headPartitions } from './items.ts';

/** How the counters of a date, or of everything, differ from what they count. */
export interface CounterDrift {
  /** Undefined for the counters of everything. */
  readonly date_prefix: string | undefined;
  /** What has to be added to each counter attribute; empty when they are exact. */
  readonly missing: CountDelta;
  /** False when files moved while they were counted: then nothing is known, and nothing may be repaired. */
  readonly quiet: boolean;
  /** How often these counters were repaired before: the guard of the next repair. */
  readonly repairs: number;
}

/**
 * Counts the heads of a date and compares. Whatever is applied raises an arrival counter, so counters that
 * read the same before and after prove that the count in between is of one moment.
 */
export async function recountDate(table: Table, date_prefix: string): Promise<CounterDrift> {
  const before = await readCounters(table, date_prefix);
  const actual = await countHeads(table, date_prefix);
  const after = await readCounters(table, date_prefix);
  const counted = Object.entries(countsOf(after)).map(([name, value]) => [name, -value]);
  return {
    date_prefix,
    missing: sumDeltas([actual, Object.fromEntries(counted)]),
    quiet: fingerprint(before) === fingerprint(after),
    repairs: after.repairs,
  };
}

/**
 * Adds what is missing to the counters. Additions commute with those of the stream, so it may go on flowing;
 * of two repairs that found the same drift only one goes through.
 *
 * @returns false when another repair came first, a consumer was in the way, or there is nothing to repair
 */
export async function repairCounters(
  drift: CounterDrift,
  { projection, now }: Pick<ApplyDeps, 'projection' | 'now'>,
): Promise<boolean> {
  if (!drift.quiet || Object.keys(drift.missing).length === 0) return false;
  const { Update } = addCounts(projection.name, drift.date_prefix, 0, {
    delta: { ...drift.missing, repairs: 1 },
    asOf: undefined,
    now,
  });
  try {
    await projection.docs.send(
      new UpdateCommand({
        ...Update,
        TableName: projection.name,
        Key: Update?.Key,
        ConditionExpression: bothOf(
          Update?.ConditionExpression,
          drift.repairs > 0 ? '#repairs = :seen' : 'attribute_not_exists(#repairs)',
        ),
        ExpressionAttributeNames: { ...Update?.ExpressionAttributeNames, '#repairs': 'repairs' },
        ExpressionAttributeValues: {
          ...Update?.ExpressionAttributeValues,
          ...(drift.repairs > 0 && { ':seen': drift.repairs }),
        },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof Error && OVERTAKEN.has(error.name)) return false;
    throw error;
  }
}

// Another repair has been there, or a consumer just counts in the same slot: the next repair looks again.
const OVERTAKEN = new Set(['ConditionalCheckFailedException', 'TransactionConflictException']);

function fingerprint({ file, manifest, arrivals, repairs }: Counters): string {
  return JSON.stringify([file, manifest, arrivals, repairs]);
}

function countsOf({ file, manifest }: Counters): CountDelta {
  return Object.fromEntries(
    COUNTED_STATUSES.flatMap((status) => [
      [countAttribute('file', status), file[status]],
      [countAttribute('manifest', status), manifest[status]],
    ]),
  );
}

/** Reads every head of a date consistently; a tombstone counts nowhere. */
async function countHeads(table: Table, date_prefix: string): Promise<CountDelta> {
  const counts: Record<string, number> = {};
  for (const { entity, pk } of headPartitions(date_prefix)) {
    const query = {
      TableName: table.name,
      KeyConditionExpression: 'pk = :pk',
      ProjectionExpression: '#status, expires_at',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':pk': pk },
      ConsistentRead: true,
    };
    for await (const { Items = [] } of paginateQuery({ client: table.docs }, query)) {
      for (const { status, expires_at } of Items) {
        if (expires_at !== undefined) continue;
        const attribute = countAttribute(entity, String(status));
        counts[attribute] = (counts[attribute] ?? 0) + 1;
      }
    }
  }
  return counts;
}
