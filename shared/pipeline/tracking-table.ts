import { type AttributeValue, DescribeTableCommand, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { exactNumber } from '../aws/clients.ts';
import type { Table, TrackingTable } from '../aws/deps.ts';
import {
  type IndexProfile,
  type SenderProfile,
  senderPathOf,
  usualSuffixesOf,
} from '../settings/index-profile.ts';
import type { HEAD_SINCE } from './head-since.ts';

/** What names one record in every table, list, request and answer: the key attributes as the pipeline writes them. */
export interface RecordKey {
  readonly date_prefix: string;
  readonly file_key: string;
}

/** Only the key of anything that has one, such as a record. */
export function keyOf({ date_prefix, file_key }: RecordKey): RecordKey {
  return { date_prefix, file_key };
}

/** A record as it is in the tracking table, whatever attributes its writer gave it. */
export interface TrackingRecord extends RecordKey {
  readonly [attribute: string]: unknown;
  /**
   * Since when it has its status according to its head, `…Z`, for a record whose own times do not say. It is present
   * but undefined when the head does not know either.
   */
  readonly [HEAD_SINCE]?: string | undefined;
}

/** The pipeline's table, with its profile's rules for finding records by status and for senders. */
export function trackingTable(
  docs: DynamoDBDocumentClient,
  name: string,
  profile: IndexProfile & SenderProfile,
): TrackingTable {
  return {
    docs,
    name,
    index: profile.records.status_index,
    usualSuffixes: usualSuffixesOf(profile),
    senderPath: senderPathOf(profile),
  };
}

/** One record, read consistently. */
export async function readRecord(table: Table, key: RecordKey): Promise<TrackingRecord | undefined> {
  const { Item } = await table.docs.send(
    new GetCommand({ TableName: table.name, Key: keyOf(key), ConsistentRead: true }),
  );
  return Item as TrackingRecord | undefined;
}

/** A page of records, and the key to continue from if there may be more. */
export interface RecordPage {
  readonly records: readonly TrackingRecord[];
  readonly next: RecordKey | undefined;
}

/** A page of one date's records in key order, including meta records; at most 1 MB is read. */
export async function queryDate(
  table: Table,
  date_prefix: string,
  limit: number,
  after: RecordKey | undefined,
  until?: string,
): Promise<RecordPage> {
  const { Items = [], LastEvaluatedKey } = await table.docs.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: `date_prefix = :date${until === undefined ? '' : ' AND file_key <= :until'}`,
      ExpressionAttributeValues: { ':date': date_prefix, ...(until !== undefined && { ':until': until }) },
      ExclusiveStartKey: after,
      Limit: limit,
    }),
  );
  return { records: Items as TrackingRecord[], next: LastEvaluatedKey as RecordKey | undefined };
}

/** Attributes in DynamoDB's own form: every digit of a number and every type, just as they are stored. */
export type RawAttributes = Readonly<Record<string, AttributeValue>>;

/**
 * One record in its raw form, read consistently. The document client takes the low-level commands too and
 * leaves their attributes as they are.
 */
export async function readRawRecord(table: Table, key: RecordKey): Promise<RawAttributes | undefined> {
  const { Item } = await table.docs.send(
    new GetItemCommand({ TableName: table.name, Key: rawKey(key), ConsistentRead: true }),
  );
  return Item;
}

/** Attributes as the document client reads them: numbers that JavaScript would round are text. */
export function plainAttributes(attributes: RawAttributes): Record<string, unknown> {
  return unmarshall(attributes, { wrapNumbers: exactNumber });
}

/** A record that was read in its raw form. */
export function recordOf(attributes: RawAttributes): TrackingRecord {
  const { S: date_prefix = '' } = attributes.date_prefix ?? {};
  const { S: file_key = '' } = attributes.file_key ?? {};
  return { ...plainAttributes(attributes), date_prefix, file_key };
}

/** A record's primary key in raw form. */
export function rawKey({ date_prefix, file_key }: RecordKey): Record<string, AttributeValue> {
  return { date_prefix: { S: date_prefix }, file_key: { S: file_key } };
}

/** An attribute that is text; undefined when it is anything else, or absent. */
export function rawText(attributes: RawAttributes | undefined, name: string): string | undefined {
  return attributes?.[name]?.S;
}

/** The size of the tracking table, from DynamoDB, which counts about every six hours. */
export async function readTableSize(table: Table): Promise<{ records: number; bytes: number }> {
  const { Table } = await table.docs.send(new DescribeTableCommand({ TableName: table.name }));
  return { records: Table?.ItemCount ?? 0, bytes: Table?.TableSizeBytes ?? 0 };
}
