import { DynamoDBDocumentClient, paginateQuery } from '@aws-sdk/lib-dynamodb';
import { readCounters } from '../../shared/projection/projection-table.ts';
import { type BenchDatabase, PROJECTION_TABLE, TRACKING_TABLE } from './bench-system.ts';
import { readMeter } from './read-meter.ts';

/** One way of counting all files by status. */
export interface StatsRead {
  readonly files: number;
  readonly way: 'counters' | 'paging the index';
  readonly counted: number;
  readonly requests: number;
  readonly readUnits: number;
  readonly millis: number;
}

const STATUSES = ['pending', 'manifested', 'processing', 'completed', 'failed', 'quarantined'];
const SUFFIXES = ['', ...Array.from({ length: 10 }, (_, shard) => `#${shard}`)];

/** Counts once by the projection and once by querying every status and shard of the index to its end. */
export async function measureStatsReads({ dynamoDb }: BenchDatabase, files: number): Promise<StatsRead[]> {
  const meter = readMeter(dynamoDb);
  const docs = DynamoDBDocumentClient.from(dynamoDb);
  const byCounters = async () => {
    const { file } = await readCounters({ docs, name: PROJECTION_TABLE }, undefined);
    return Object.values(file).reduce((sum, count) => sum + count, 0);
  };
  const byIndex = async () => {
    let counted = 0;
    for (const status of STATUSES.flatMap((name) => SUFFIXES.map((suffix) => name + suffix))) {
      for await (const { Count = 0 } of paginateQuery({ client: docs }, indexQuery(status))) counted += Count;
    }
    return counted;
  };
  const measure = async (way: StatsRead['way'], count: () => Promise<number>): Promise<StatsRead> => {
    await count();
    meter.reset();
    const begun = performance.now();
    const counted = await count();
    return { files, way, counted, ...meter.read(), millis: performance.now() - begun };
  };
  return [await measure('counters', byCounters), await measure('paging the index', byIndex)];
}

function indexQuery(status: string) {
  return {
    TableName: TRACKING_TABLE,
    IndexName: 'status-index',
    KeyConditionExpression: '#status = :status',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: { ':status': status },
    Select: 'COUNT' as const,
  };
}
