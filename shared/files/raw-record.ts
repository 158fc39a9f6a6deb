import { type AttributeValue, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { RecordKey, TrackingTable } from './tracking-table.ts';

/** Attributes in DynamoDB's own form: every digit of a number and every type, just as they are stored. */
export type RawAttributes = Readonly<Record<string, AttributeValue>>;

/**
 * One record in its raw form, read consistently. The document client takes the low-level commands too and
 * leaves their attributes as they are.
 */
export async function readRawRecord(
  table: TrackingTable,
  key: RecordKey,
): Promise<RawAttributes | undefined> {
  const { Item } = await table.docs.send(
    new GetItemCommand({ TableName: table.name, Key: rawKey(key), ConsistentRead: true }),
  );
  return Item;
}

/** A record's primary key in raw form. */
export function rawKey({ date_prefix, file_key }: RecordKey): Record<string, AttributeValue> {
  return { date_prefix: { S: date_prefix }, file_key: { S: file_key } };
}

/** An attribute that is text; undefined when it is anything else, or absent. */
export function rawText(attributes: RawAttributes | undefined, name: string): string | undefined {
  return attributes?.[name]?.S;
}
