import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Deps, Table } from '../aws/deps.ts';
import { EVERY_HOURS, type ScheduledJob } from '../aws/schedule.ts';
import { isoTime } from '../text/time.ts';

/** Under which the ends of tasks are kept; the state machine of the audits writes there as well. */
export const TASK_ENDS = { partition: 'TASKS', watchedSince: 'watched-since' } as const;

/** For how many seconds each scheduled task has not come to an end. */
export type TaskAges = Readonly<Record<ScheduledJob, number>>;

/** Notes that a scheduled task has come to its end. */
export async function noteTaskEnd(table: Table, job: ScheduledJob, now: number): Promise<void> {
  await table.docs.send(new PutCommand({ TableName: table.name, Item: itemOf(job, now) }));
}

/**
 * How long ago each task ended. One that never did is as old as the deployment: since the first time that
 * anybody asked. So a young deployment has missed nothing, and one whose tasks never run is found out.
 */
export async function readTaskAges({ projection, now }: Pick<Deps, 'projection' | 'now'>): Promise<TaskAges> {
  const known = await readTimes(projection);
  const since = known.get(TASK_ENDS.watchedSince) ?? (await beginWatch(projection, now));
  const jobs = Object.keys(EVERY_HOURS) as ScheduledJob[];
  const ages = jobs.map((job) => [job, Math.max(0, now - (known.get(job) ?? since)) / 1_000]);
  return Object.fromEntries(ages) as TaskAges;
}

async function readTimes({ docs, name }: Table): Promise<Map<string, number>> {
  const { Items = [] } = await docs.send(
    new QueryCommand({
      TableName: name,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': TASK_ENDS.partition },
      ConsistentRead: true,
    }),
  );
  return new Map(Items.map(({ sk, at }) => [String(sk), Date.parse(String(at))]));
}

/** Two who ask at once begin together: the first one's time stands, and they differ by seconds. */
async function beginWatch({ docs, name }: Table, now: number): Promise<number> {
  const put = new PutCommand({
    TableName: name,
    Item: itemOf(TASK_ENDS.watchedSince, now),
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  await docs.send(put).catch((error: unknown) => {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  });
  return now;
}

function itemOf(sk: string, now: number) {
  return { pk: TASK_ENDS.partition, sk, at: isoTime(now) };
}
