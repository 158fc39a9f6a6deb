import {
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import pMap, { pMapIterable } from 'p-map';
import type { Table } from '../aws/deps.ts';
import { pages } from '../flow/pages.ts';
import type { RawAttributes, RecordKey } from '../pipeline/tracking-table.ts';
import { needsParts, putParts, readParts, valuesText } from './audit-parts.ts';
import { asWritten, type ChangeFile, type FileResult } from './change.ts';
import {
  changeFileItem,
  changeFileKey,
  filesPartition,
  partsIn,
  readChangeFileItem,
  splitFileItem,
} from './change-items.ts';

// All commands here are low-level ones: what a record held must come back as it was, to the last digit.

const CONCURRENT_PARTS = 8;

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

/** A file of a change, with its parts where it has any, and with the time of its write once it is written. */
async function fileOf(table: Table, id: string, item: RawAttributes): Promise<ChangeFile> {
  const file = readChangeFileItem(item);
  const parts = partsIn(item);
  if (!parts) return asWritten(file);
  const { before = {}, after = {}, guard } = await readParts(table, id, parts);
  return asWritten({ ...file, before, after, ...(guard && { guard }) });
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

/** Reads a page consistently; at most 1 MB of it, besides the parts of large files. */
export async function listChangeFiles(
  table: Table,
  id: string,
  limit: number | undefined,
  after: RecordKey | undefined,
): Promise<ChangeFilePage> {
  const { items, next } = await queryFiles(table, id, limit, after);
  const files = await pMap(items, (item) => fileOf(table, id, item), { concurrency: CONCURRENT_PARTS });
  return { files, next };
}

/** All files of a change in the order of their keys, holding the parts of a few of them at most. */
export async function* eachChangeFile(table: Table, id: string): AsyncGenerator<ChangeFile, void> {
  const load = (cursor: RecordKey | undefined) => queryFiles(table, id, undefined, cursor);
  for await (const { items } of pages(load)) {
    yield* pMapIterable(items, (item) => fileOf(table, id, item), { concurrency: CONCURRENT_PARTS });
  }
}

async function queryFiles(
  table: Table,
  id: string,
  limit: number | undefined,
  after: RecordKey | undefined,
): Promise<{ readonly items: readonly RawAttributes[]; readonly next: RecordKey | undefined }> {
  const { Items: items = [], LastEvaluatedKey } = await table.docs.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: marshall({ ':pk': filesPartition(id) }),
      ExclusiveStartKey: after && marshall(changeFileKey(id, after)),
      Limit: limit,
      ConsistentRead: true,
    }),
  );
  const last = LastEvaluatedKey && items.at(-1);
  return { items, next: last && readChangeFileItem(last).key };
}

function foundInstead(table: Table, id: string, error: unknown): Promise<ChangeFile> {
  if (!(error instanceof ConditionalCheckFailedException) || !error.Item) throw error;
  return fileOf(table, id, error.Item);
}
