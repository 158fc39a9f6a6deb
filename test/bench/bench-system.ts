import { createServer } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { S3Client } from '@aws-sdk/client-s3';
import { startDynamoDbLocal } from '../../infra/local/dynamodb-local.ts';
import { startS3Server } from '../../infra/local/s3-server.ts';
import { createProjectionTable, createTrackingTable } from '../../infra/local/tables.ts';
import { FIELD_PROFILE } from '../support/profile.ts';

export const TRACKING_TABLE = 'tracking';
export const PROJECTION_TABLE = 'projection';

/** The database of one measurement, with both tables, empty. */
export interface BenchDatabase {
  readonly dynamoDb: DynamoDBClient;
  /** Another client, with its own middleware and connections. */
  newClient(): DynamoDBClient;
  readonly streams: DynamoDBStreamsClient;
  readonly s3: S3Client;
}

export type BenchSystem = Awaited<ReturnType<typeof startBenchSystem>>;

/** Runs something on engines of its own, so that no measurement is affected by what another left behind. */
export async function withBenchSystem<T>(work: (system: BenchSystem) => Promise<T>): Promise<T> {
  const system = await startBenchSystem();
  try {
    return await work(system);
  } finally {
    await system.stop();
  }
}

/** Engines, and a fresh database for each measurement. */
export async function startBenchSystem() {
  const engine = await startDynamoDbLocal({ port: await freePort(), heapMegabytes: 3_072 });
  const storage = await startS3Server({ port: 0 });
  let databases = 0;
  return {
    async database(): Promise<BenchDatabase> {
      databases += 1;
      const credentials = { accessKeyId: `BENCH${databases}`, secretAccessKey: 'local' };
      const common = { region: 'us-east-1', credentials };
      const newClient = () => new DynamoDBClient({ ...common, endpoint: engine.endpoint });
      const dynamoDb = newClient();
      await createTrackingTable(dynamoDb, TRACKING_TABLE, FIELD_PROFILE);
      await createProjectionTable(dynamoDb, PROJECTION_TABLE);
      return {
        dynamoDb,
        newClient,
        streams: new DynamoDBStreamsClient({ ...common, endpoint: engine.endpoint }),
        s3: new S3Client({ ...common, endpoint: storage.endpoint, forcePathStyle: true }),
      };
    },
    /** The variables that a function needs to use a client's database. */
    environmentOf: async (client: DynamoDBClient): Promise<Record<string, string>> => {
      const { accessKeyId, secretAccessKey } = await client.config.credentials();
      return {
        ENVIRONMENT: 'local',
        TRACKING_TABLE,
        PROJECTION_TABLE,
        DEAD_LETTER_BUCKET: 'dead-letters',
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
        AWS_ENDPOINT_URL_S3: storage.endpoint,
      };
    },
    stop: async () => void (await Promise.all([engine.stop(), storage.stop()])),
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
