import { readFileSync, writeFileSync } from 'node:fs';
import { type AttributeValue, BatchWriteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { LocalAws } from '../support/local-aws.ts';

type RawItem = Record<string, AttributeValue>;

/** All items of a projection as they are stored, in the order of their keys. */
export async function storedItems({ dynamoDb, projectionTable }: LocalAws): Promise<RawItem[]> {
  const { Items = [], LastEvaluatedKey } = await dynamoDb.send(
    new ScanCommand({ TableName: projectionTable, ConsistentRead: true }),
  );
  if (LastEvaluatedKey) throw new Error('The projection is larger than a page.');
  return Items.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

/** One item a line, as DynamoDB has it. */
export function writeItems(file: URL, items: readonly RawItem[]): void {
  writeFileSync(file, items.map((item) => `${JSON.stringify(item)}\n`).join(''));
}

/** Puts a kept projection into a table. */
export async function restore({ dynamoDb, projectionTable }: LocalAws, file: URL): Promise<void> {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const puts = lines.map((line) => ({ PutRequest: { Item: JSON.parse(line) as RawItem } }));
  for (let from = 0; from < puts.length; from += 25) {
    const RequestItems = { [projectionTable]: puts.slice(from, from + 25) };
    await dynamoDb.send(new BatchWriteItemCommand({ RequestItems }));
  }
}

function nameOf({ pk, sk }: RawItem): string {
  return `${pk?.S}\n${sk?.S}`;
}
