import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  PutCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import type { RecordKeys, RecordUpdate } from './records.ts';

/** The tracking table of the simulated pipeline; each write resolves to whether its condition held. */
export interface GuardedTable {
  readonly documents: DynamoDBDocumentClient;
  readonly table: string;
}

/** Writes a new record, unless there is one that has not expired. */
export function insertRecord(target: GuardedTable, item: RecordKeys, nowMillis: number): Promise<boolean> {
  const command = new PutCommand({
    TableName: target.table,
    Item: item,
    ConditionExpression: 'attribute_not_exists(file_key) OR #ttl <= :now',
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: { ':now': seconds(nowMillis) },
  });
  return whetherAccepted(target.documents.send(command));
}

/** Sets attributes of a record that exists and, if a status is expected, still has it. */
export function updateRecord(target: GuardedTable, keys: RecordKeys, update: RecordUpdate): Promise<boolean> {
  return whetherAccepted(target.documents.send(new UpdateCommand(updateInput(target.table, keys, update))));
}

/** Removes a lock that its holder still holds. */
export function deleteLock(target: GuardedTable, keys: RecordKeys, holder: string): Promise<boolean> {
  const command = new DeleteCommand({
    TableName: target.table,
    Key: keys,
    ConditionExpression: 'locked_by = :holder',
    ExpressionAttributeValues: { ':holder': holder },
  });
  return whetherAccepted(target.documents.send(command));
}

/** Removes a record whose time has passed, as the service does and DynamoDB Local does not. */
export function deleteExpired(target: GuardedTable, keys: RecordKeys, nowMillis: number): Promise<boolean> {
  const command = new DeleteCommand({
    TableName: target.table,
    Key: keys,
    ConditionExpression: '#ttl <= :now',
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: { ':now': seconds(nowMillis) },
  });
  return whetherAccepted(target.documents.send(command));
}

function updateInput(
  table: string,
  keys: RecordKeys,
  { set, expectedStatus }: RecordUpdate,
): UpdateCommandInput {
  const attributes = Object.entries(set);
  const input = {
    TableName: table,
    Key: keys,
    UpdateExpression: `SET ${attributes.map((_, index) => `#${index} = :${index}`).join(', ')}`,
    ConditionExpression: 'attribute_exists(file_key)',
    ExpressionAttributeNames: Object.fromEntries(attributes.map(([name], index) => [`#${index}`, name])),
    ExpressionAttributeValues: Object.fromEntries(attributes.map(([, value], index) => [`:${index}`, value])),
  };
  if (expectedStatus === undefined) return input;
  return {
    ...input,
    ConditionExpression: 'attribute_exists(file_key) AND #status = :status',
    ExpressionAttributeNames: { ...input.ExpressionAttributeNames, '#status': 'status' },
    ExpressionAttributeValues: { ...input.ExpressionAttributeValues, ':status': expectedStatus },
  };
}

function seconds(millis: number): number {
  return Math.floor(millis / 1_000);
}

async function whetherAccepted(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
