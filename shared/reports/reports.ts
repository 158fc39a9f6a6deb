import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';

/** Identifies one report: the job that made it, and what it is about. */
export interface ReportId {
  readonly job: 'orphan-sweep' | 'consistency-audit' | 'stats';
  readonly about: string;
}

/**
 * Saves a report, a plain JSON object under 400 KB, replacing the previous one.
 *
 * @param expiresAt in seconds since the epoch; by default, it is kept until it is replaced
 */
export async function saveReport(
  table: Table,
  id: ReportId,
  report: object,
  expiresAt?: number,
): Promise<void> {
  const Item = {
    ...keyOf(id),
    report: JSON.stringify(report),
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
  };
  await table.docs.send(new PutCommand({ TableName: table.name, Item }));
}

/**
 * The same, unless something else has been stored since it was read: then that stays.
 *
 * @param before as `readReport` gave it, or as it was saved
 */
export async function replaceReport(
  table: Table,
  id: ReportId,
  { before, after }: { readonly before: object; readonly after: object },
  expiresAt: number,
): Promise<void> {
  const put = new PutCommand({
    TableName: table.name,
    Item: { ...keyOf(id), report: JSON.stringify(after), expires_at: expiresAt },
    ConditionExpression: 'attribute_not_exists(report) OR report = :before',
    ExpressionAttributeValues: { ':before': JSON.stringify(before) },
  });
  try {
    await table.docs.send(put);
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

/** The report as it was saved, read consistently. */
export async function readReport<T>(table: Table, id: ReportId): Promise<T | undefined> {
  const { Item } = await table.docs.send(
    new GetCommand({ TableName: table.name, Key: keyOf(id), ConsistentRead: true }),
  );
  return Item && (JSON.parse(String(Item.report)) as T);
}

/**
 * The reports of a job whose reports are about a time, oldest first; the most recent ones may be missing.
 *
 * @param since a moment, `…Z`
 * @param most how many to read at most: the latest ones
 */
export async function readReportsSince<T>(
  table: Table,
  job: ReportId['job'],
  since: string,
  most: number,
): Promise<T[]> {
  const { Items = [] } = await table.docs.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: 'pk = :pk AND sk >= :since',
      ExpressionAttributeValues: { ':pk': partitionOf(job), ':since': since },
      ScanIndexForward: false,
      Limit: most,
    }),
  );
  return Items.reverse().map(({ report }) => JSON.parse(String(report)) as T);
}

/**
 * Notes in a checkpoint that a part of the work is done; repeating it has no effect.
 *
 * @returns how many parts are done; undefined if the checkpoint is gone because all of the work was done
 */
export async function noteDonePart(table: Table, id: ReportId, part: number): Promise<number | undefined> {
  const update = new UpdateCommand({
    TableName: table.name,
    Key: keyOf(id),
    UpdateExpression: 'ADD parts :part',
    ConditionExpression: 'attribute_exists(report)',
    ExpressionAttributeValues: { ':part': new Set([part]) },
    ReturnValues: 'UPDATED_NEW',
  });
  try {
    const { Attributes } = await table.docs.send(update);
    return (Attributes?.parts as ReadonlySet<number> | undefined)?.size;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}

/** Saves the report of a job that is done, and deletes its checkpoint in the same transaction. */
export async function closeReport(
  table: Table,
  id: ReportId,
  report: object,
  checkpoint: ReportId,
): Promise<void> {
  const Item = { ...keyOf(id), report: JSON.stringify(report) };
  await table.docs.send(
    new TransactWriteCommand({
      TransactItems: [
        { Put: { TableName: table.name, Item } },
        { Delete: { TableName: table.name, Key: keyOf(checkpoint) } },
      ],
    }),
  );
}

/** Deletes a checkpoint whose work is done. */
export async function forgetReport(table: Table, id: ReportId): Promise<void> {
  await table.docs.send(new DeleteCommand({ TableName: table.name, Key: keyOf(id) }));
}

function keyOf({ job, about }: ReportId) {
  return { pk: partitionOf(job), sk: about };
}

function partitionOf(job: ReportId['job']): string {
  return `REPORT#${job}`;
}
