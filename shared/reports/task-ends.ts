import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Deps, Table } from '../aws/deps.ts';
import { EVERY_HOURS, type ScheduledJob } from '../aws/schedule.ts';
import { isoTime } from '../text/time.ts';

/** The keys under which the ends of tasks are stored; the state machine of audits also writes there. */
export const TASK_ENDS = { partition: 'TASKS', watchedSince: 'watched-since' } as const;

/** How many seconds ago each scheduled task last ended. */
export type TaskAges = Readonly<Record<ScheduledJob, number>>;

/** Notes that a scheduled task has ended. */
export async function noteTaskEnd(table: Table, job: ScheduledJob, now: number): Promise<void> {
  await table.docs.send(new PutCommand({ TableName: table.name, Item: itemOf(job, now) }));
}

/**
 * How long ago each task last ended. For a task that never did, it is the time since the first such question, which is about
 * the age of the deployment. So a new deployment has missed nothing, and tasks that never run are noticed.
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

/** If two callers begin at the same time, the first one's time is kept; they differ only by seconds. */
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
