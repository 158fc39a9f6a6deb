import {
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import pMap from 'p-map';
import type { Table } from '../aws/deps.ts';
import { pages } from '../flow/pages.ts';
import type { RawAttributes, RecordKey } from '../pipeline/tracking-table.ts';
import { needsParts, putParts, readParts, valuesText } from './audit-parts.ts';
import type { ChangeFile, FileResult } from './change.ts';
import {
  changeFileItem,
  changeFileKey,
  filesPartition,
  partsIn,
  readChangeFileItem,
  splitFileItem,
} from './change-items.ts';

// All commands here are low-level ones: what a record held must come back as it was, to the last digit.

/** Stores what will be done to one file; what is already stored about it is kept, and returned. */
export async function putChangeFile(table: Table, id: string, file: ChangeFile): Promise<ChangeFile> {
  try {
    await table.docs.send(
      new PutItemCommand({
        TableName: table.name,
        Item: await itemOf(table, id, file),
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return file;
  } catch (error) {
    return foundInstead(table, id, error);
  }
}

/** The attributes of a large one are stored in parts first, so that no item refers to missing parts. */
async function itemOf(table: Table, id: string, file: ChangeFile) {
  const { before, after, guard } = file;
  const text = valuesText({ before, after, guard });
  return needsParts(text)
    ? splitFileItem(id, file, await putParts(table, id, text))
    : changeFileItem(id, file);
}

/** A file of a change, with its parts where it has any. */
async function fileOf(table: Table, id: string, item: RawAttributes): Promise<ChangeFile> {
  const file = readChangeFileItem(item);
  const parts = partsIn(item);
  if (!parts) return file;
  const { before = {}, after = {}, guard } = await readParts(table, id, parts);
  return { ...file, before, after, ...(guard && { guard }) };
}

/** Stores the result of a file; a final result that is already there is kept, and returned. */
export async function markChangeFile(
  table: Table,
  id: string,
  key: RecordKey,
  result: FileResult,
): Promise<FileResult> {
  try {
    await table.docs.send(
      new UpdateItemCommand({
        TableName: table.name,
        Key: marshall(changeFileKey(id, key)),
        UpdateExpression: 'SET #result = :result',
        ConditionExpression:
          'attribute_exists(pk) AND (attribute_not_exists(#result) OR (#result.#kind = :failed AND attribute_not_exists(#result.#good)))',
        ExpressionAttributeNames: { '#result': 'result', '#kind': 'kind', '#good': 'forGood' },
        ExpressionAttributeValues: marshall(
          { ':result': result, ':failed': 'failed' },
          { removeUndefinedValues: true },
        ),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return result;
  } catch (error) {
    return (await foundInstead(table, id, error)).result ?? result;
  }
}

/** One file of a change, read consistently; undefined when the change is not about it. */
export async function readChangeFile(
  table: Table,
  id: string,
  key: RecordKey,
): Promise<ChangeFile | undefined> {
  const { Item } = await table.docs.send(
    new GetItemCommand({
      TableName: table.name,
      Key: marshall(changeFileKey(id, key)),
      ConsistentRead: true,
    }),
  );
  return Item && fileOf(table, id, Item);
}

/** A page of a change's files in the order of their keys, and the file to continue after if there may be more. */
export interface ChangeFilePage {
  readonly files: readonly ChangeFile[];
  readonly next: RecordKey | undefined;
}

/** Reads a page consistently; at most 1 MB of it. */
export async function listChangeFiles(
  table: Table,
  id: string,
  limit: number | undefined,
  after: RecordKey | undefined,
): Promise<ChangeFilePage> {
  const { Items = [], LastEvaluatedKey } = await table.docs.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: marshall({ ':pk': filesPartition(id) }),
      ExclusiveStartKey: after && marshall(changeFileKey(id, after)),
      Limit: limit,
      ConsistentRead: true,
    }),
  );
  const files = await pMap(Items, (item) => fileOf(table, id, item), { concurrency: 8 });
  return { files, next: LastEvaluatedKey && files.at(-1)?.key };
}

/** All files of a change in the order of their keys, holding a page of them at most. */
export async function* eachChangeFile(table: Table, id: string): AsyncGenerator<ChangeFile, void> {
  const load = (cursor: RecordKey | undefined) => listChangeFiles(table, id, undefined, cursor);
  for await (const { files } of pages(load)) yield* files;
}

function foundInstead(table: Table, id: string, error: unknown): Promise<ChangeFile> {
  if (!(error instanceof ConditionalCheckFailedException) || !error.Item) throw error;
  return fileOf(table, id, error.Item);
}
