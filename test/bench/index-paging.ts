import { type DynamoDBDocumentClient, QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { RecordKey } from '../../shared/pipeline/tracking-table.ts';
import { FIELD_INDEX } from '../../shared/settings/index-profile.ts';
import { TRACKING_TABLE } from './bench-system.ts';

const STATUSES = ['pending', 'manifested', 'processing', 'completed', 'failed', 'quarantined'];
const SHARDS = Array.from({ length: 10 }, (_, shard) => `#${shard}`);

/** Counts the whole index: correct, because this script knows the shards, and more expensive with every file. */
export async function countIndex(docs: DynamoDBDocumentClient): Promise<number> {
  let counted = 0;
  for (const stored of STATUSES.flatMap(storedForms)) {
    counted += await countAll(docs, { ...indexQuery(stored), Select: 'COUNT' });
  }
  return counted;
}

/** Lists files of a status, shard by shard, until there are enough. */
export async function listStatus(
  docs: DynamoDBDocumentClient,
  status: string,
  enough: number,
): Promise<number> {
  let listed = 0;
  for (const stored of storedForms(status)) {
    if (listed < enough) listed += await countAll(docs, indexQuery(stored), enough - listed);
  }
  return listed;
}

/** Reads pages until there are enough items. */
export async function countAll(
  docs: DynamoDBDocumentClient,
  query: QueryCommandInput,
  enough = Number.POSITIVE_INFINITY,
): Promise<number> {
  let counted = 0;
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const Limit = Number.isFinite(enough) ? enough - counted : undefined;
    const page = await docs.send(new QueryCommand({ ...query, Limit, ExclusiveStartKey }));
    counted += page.Count ?? 0;
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey && counted < enough);
  return counted;
}

/** The first page only, where a careless script stops. */
export async function countPage(docs: DynamoDBDocumentClient, query: QueryCommandInput): Promise<number> {
  return (await docs.send(new QueryCommand(query))).Count ?? 0;
}

export function indexQuery(stored: string): QueryCommandInput {
  return {
    TableName: TRACKING_TABLE,
    IndexName: FIELD_INDEX.records.status_index,
    KeyConditionExpression: '#status = :status',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: { ':status': stored },
  };
}

export function dateQuery(date: string): QueryCommandInput {
  return {
    TableName: TRACKING_TABLE,
    KeyConditionExpression: 'date_prefix = :date',
    ExpressionAttributeValues: { ':date': date },
  };
}

export function fileQuery({ date_prefix, file_key }: RecordKey): QueryCommandInput {
  return {
    TableName: TRACKING_TABLE,
    KeyConditionExpression: 'date_prefix = :date AND file_key = :key',
    ExpressionAttributeValues: { ':date': date_prefix, ':key': file_key },
  };
}

function storedForms(status: string): string[] {
  return [status, ...SHARDS.map((shard) => status + shard)];
}
