import type { S3Client } from '@aws-sdk/client-s3';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { operations } from '../../shared/operations/all.ts';
import { answer } from '../../shared/operations/answer.ts';
import type { OperationDeps } from '../../shared/operations/operation.ts';
import { trackingTable } from '../../shared/pipeline/tracking-table.ts';
import { FIELD_PROFILE } from '../support/profile.ts';
import { PROJECTION_TABLE, TRACKING_TABLE } from './bench-system.ts';
import {
  countAll,
  countIndex,
  countPage,
  dateQuery,
  fileQuery,
  indexQuery,
  listStatus,
} from './index-paging.ts';
import { DATES, expectedFiles, fileOf } from './seed-files.ts';

/** A question about the table, and the ways to answer it. Each returns the number of files in its answer. */
export interface ReadQuestion {
  readonly name: string;
  /** How many files the right answer counts or lists. */
  readonly right: number;
  /** The service's operation. */
  operation(): Promise<number>;
  /** A script that reads all pages of the table or its index. */
  paging(): Promise<number>;
  /** A script that takes the first page for everything; only if that makes a difference. */
  onePage?(): Promise<number>;
}

export const GET_STATS = 'get_stats, all files';
const LARGE_LIMIT = 5_000;
/** Its cost stops growing once there are more files than this, so it follows no power law. */
export const LIMITED_LISTING = `query_by_status, limit ${LARGE_LIMIT.toLocaleString('en-US')}`;
const STATUS = 'completed';

/** @param files how many were seeded */
export function readQuestions(docs: DynamoDBDocumentClient, s3: S3Client, files: number): ReadQuestion[] {
  const context = contextOf(docs, s3);
  const ask = async (request: object): Promise<Record<string, unknown>> => ({
    ...(await answer(request, operations, context)),
  });
  const date_prefix = DATES[0] ?? '';
  const file = { date_prefix, file_key: fileOf(0).file_key };
  return [
    {
      name: GET_STATS,
      right: files,
      operation: async () => Number((await ask({ operation: 'get_stats' })).total),
      paging: () => countIndex(docs),
    },
    {
      name: LIMITED_LISTING,
      right: Math.min(expectedFiles(files, { status: STATUS }), LARGE_LIMIT),
      operation: async () =>
        Number((await ask({ operation: 'query_by_status', status: STATUS, limit: LARGE_LIMIT })).count),
      paging: () => listStatus(docs, STATUS, LARGE_LIMIT),
      onePage: () => countPage(docs, { ...indexQuery(STATUS), Limit: LARGE_LIMIT }),
    },
    {
      name: 'get_file_state, a date to its end',
      right: expectedFiles(files, { date: date_prefix }),
      operation: () => followTokens(ask, { operation: 'get_file_state', date_prefix, limit: LARGE_LIMIT }),
      paging: () => countAll(docs, dateQuery(date_prefix)),
      onePage: () => countPage(docs, dateQuery(date_prefix)),
    },
    {
      name: 'get_file_state, one file',
      right: 1,
      operation: async () => ((await ask({ operation: 'get_file_state', ...file })).file ? 1 : 0),
      paging: () => countAll(docs, fileQuery(file)),
    },
    {
      name: 'get_processing_timeline',
      right: 1,
      operation: async () =>
        (await ask({ operation: 'get_processing_timeline', ...file })).current_status ? 1 : 0,
      paging: () => countAll(docs, fileQuery(file)),
    },
  ];
}

async function followTokens(
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

/** The measured operations only read tables; the rest of the context is unused. */
function contextOf(docs: DynamoDBDocumentClient, s3: S3Client): OperationDeps {
  return {
    tracking: trackingTable(docs, TRACKING_TABLE, FIELD_PROFILE),
    projection: { docs, name: PROJECTION_TABLE },
    storage: {
      s3,
      buckets: { input: 'input', manifest: 'manifest', output: 'output', quarantine: 'quarantine' },
    },
    profile: FIELD_PROFILE,
    now: Date.now(),
    approval: undefined,
    actor: { identity: 'bench', source: 'bench' },
    remainingMillis: () => Number.POSITIVE_INFINITY,
    newId: () => 'bench',
    clock: Date.now,
    sleep: () => Promise.resolve(),
    signal: new AbortController().signal,
  };
}
