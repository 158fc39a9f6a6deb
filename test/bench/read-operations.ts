import type { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { RecordKey } from '../../shared/files/tracking-table.ts';
import { operations } from '../../shared/operations/all.ts';
import { answer } from '../../shared/operations/answer.ts';
import type { OperationContext } from '../../shared/operations/operation.ts';
import { type BenchDatabase, PROJECTION_TABLE, TRACKING_TABLE } from './bench-system.ts';
import { readMeter } from './read-meter.ts';
import { DATES, expectedFiles, fileOf } from './seed-files.ts';

/** What one way of answering a question cost, and whether the answer was right. */
export interface ReadCost {
  readonly files: number;
  readonly question: string;
  readonly way: 'operation' | 'straightforward';
  readonly answered: number;
  readonly complete: boolean;
  readonly requests: number;
  readonly readUnits: number;
  readonly millis: number;
}

interface Question {
  readonly name: string;
  /** How many files the right answer counts or lists. */
  readonly right: number;
  /** What is asked of the service. Returns how many files it answered with. */
  operation(): Promise<number>;
  /** The way of a script: one page of a query where one seems to do, else page by page. */
  straightforward(): Promise<number>;
}

const LARGE_LIMIT = 5_000;
const STATUS = 'completed';
const SHARDS = Array.from({ length: 10 }, (_, shard) => `#${shard}`);

/** Asks every read operation once in the service's way and once in a script's, on the same table. */
export async function measureReadOperations(
  { dynamoDb, s3 }: BenchDatabase,
  files: number,
): Promise<ReadCost[]> {
  const meter = readMeter(dynamoDb);
  const docs = DynamoDBDocumentClient.from(dynamoDb);
  const costs: ReadCost[] = [];
  for (const question of questions(docs, contextOf(docs, s3), files)) {
    for (const way of ['operation', 'straightforward'] as const) {
      await question[way]();
      meter.reset();
      const begun = performance.now();
      const answered = await question[way]();
      const millis = performance.now() - begun;
      const complete = answered === question.right;
      costs.push({ files, question: question.name, way, answered, complete, ...meter.read(), millis });
    }
  }
  return costs;
}

function questions(docs: DynamoDBDocumentClient, context: OperationContext, files: number): Question[] {
  const ask = (request: object) => askService(context, request);
  const date_prefix = DATES[0] ?? '';
  const ofStatus = expectedFiles(files, { status: STATUS });
  const ofDate = expectedFiles(files, { date: date_prefix });
  const file = { date_prefix, file_key: fileOf(0).file_key };
  return [
    {
      name: 'get_stats, all files',
      right: files,
      operation: async () => Number((await ask({ operation: 'get_stats' })).total),
      straightforward: () => countIndex(docs),
    },
    {
      name: `query_by_status, limit ${LARGE_LIMIT}`,
      right: Math.min(ofStatus, LARGE_LIMIT),
      operation: async () =>
        Number((await ask({ operation: 'query_by_status', status: STATUS, limit: LARGE_LIMIT })).count),
      straightforward: () => countPage(docs, { ...indexQuery(STATUS), Limit: LARGE_LIMIT }),
    },
    {
      name: 'get_file_state, a date to its end',
      right: ofDate,
      operation: () => countPages(ask, { operation: 'get_file_state', date_prefix, limit: LARGE_LIMIT }),
      straightforward: () => countPage(docs, dateQuery(date_prefix)),
    },
    {
      name: 'get_file_state, one file',
      right: 1,
      operation: async () => ((await ask({ operation: 'get_file_state', ...file })).file ? 1 : 0),
      straightforward: () => countPage(docs, fileQuery(file)),
    },
    {
      name: 'get_processing_timeline',
      right: 1,
      operation: async () =>
        (await ask({ operation: 'get_processing_timeline', ...file })).current_status ? 1 : 0,
      straightforward: () => countPage(docs, fileQuery(file)),
    },
  ];
}

async function askService(context: OperationContext, request: object): Promise<Record<string, unknown>> {
  return { ...(await answer(request, operations, context)) };
}

/** The operations measured only read tables: the rest of the context is there for the others. */
function contextOf(docs: DynamoDBDocumentClient, s3: S3Client): OperationContext {
  return {
    tracking: { docs, name: TRACKING_TABLE },
    projection: { docs, name: PROJECTION_TABLE },
    storage: {
      s3,
      buckets: { input: 'input', manifest: 'manifest', output: 'output', quarantine: 'quarantine' },
    },
    now: Date.now(),
    actor: { identity: 'bench', source: 'bench' },
    newId: () => 'bench',
    sleep: () => Promise.resolve(),
    signal: new AbortController().signal,
  };
}

async function countPages(
  ask: (request: object) => Promise<Record<string, unknown>>,
  request: object,
): Promise<number> {
  let counted = 0;
  let next_token: unknown;
  do {
    const page = await ask({ ...request, ...(next_token !== undefined && { next_token }) });
    counted += Number(page.count);
    next_token = page.next_token;
  } while (next_token);
  return counted;
}

async function countPage(docs: DynamoDBDocumentClient, query: QueryCommandInput): Promise<number> {
  return (await docs.send(new QueryCommand(query))).Count ?? 0;
}

/** Counts the index page by page: right, since this script knows of the shards, and dearer with every file. */
async function countIndex(docs: DynamoDBDocumentClient): Promise<number> {
  const statuses = ['pending', 'manifested', 'processing', 'completed', 'failed', 'quarantined'];
  let counted = 0;
  for (const stored of statuses.flatMap((status) => [status, ...SHARDS.map((shard) => status + shard)])) {
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    do {
      const query = { ...indexQuery(stored), Select: 'COUNT' as const, ExclusiveStartKey };
      const { Count = 0, LastEvaluatedKey } = await docs.send(new QueryCommand(query));
      counted += Count;
      ExclusiveStartKey = LastEvaluatedKey;
    } while (ExclusiveStartKey);
  }
  return counted;
}

function indexQuery(stored: string): QueryCommandInput {
  return {
    TableName: TRACKING_TABLE,
    IndexName: 'status-index',
    KeyConditionExpression: '#status = :status',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: { ':status': stored },
  };
}

function dateQuery(date: string): QueryCommandInput {
  return {
    TableName: TRACKING_TABLE,
    KeyConditionExpression: 'date_prefix = :date',
    ExpressionAttributeValues: { ':date': date },
  };
}

function fileQuery({ date_prefix, file_key }: RecordKey): QueryCommandInput {
  return {
    TableName: TRACKING_TABLE,
    KeyConditionExpression: 'date_prefix = :date AND file_key = :key',
    ExpressionAttributeValues: { ':date': date_prefix, ':key': file_key },
  };
}
