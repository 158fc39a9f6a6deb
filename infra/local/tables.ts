import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { TRACKING_SCHEMA } from '../../shared/pipeline/record.ts';
import { PROJECTION_SCHEMA } from '../../shared/projection/projection-table.ts';
import type { IndexProfile } from '../../shared/settings/index-profile.ts';

const STREAM = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' } as const;

/**
 * Creates the pipeline's table as the pipeline's own stack does; leaves an existing one as it is.
 *
 * @param isStreamed false where nobody reads its stream: in DynamoDB Local it slows down each call to the table
 */
export async function createTrackingTable(
  client: DynamoDBClient,
  name: string,
  { records }: Pick<IndexProfile, 'records'>,
  isStreamed = true,
): Promise<void> {
  await createTable(client, {
    TableName: name,
    KeySchema: keySchema(TRACKING_SCHEMA),
    AttributeDefinitions: strings(TRACKING_SCHEMA, TRACKING_SCHEMA.statusIndex),
    GlobalSecondaryIndexes: [
      {
        IndexName: records.status_index,
        KeySchema: keySchema(TRACKING_SCHEMA.statusIndex),
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    ...(isStreamed && { StreamSpecification: STREAM }),
    BillingMode: 'PAY_PER_REQUEST',
  });
}

/** Creates the State Manager's own table; leaves an existing one as it is. */
export async function createProjectionTable(client: DynamoDBClient, name: string): Promise<void> {
  const created = await createTable(client, {
    TableName: name,
    KeySchema: keySchema(PROJECTION_SCHEMA),
    AttributeDefinitions: strings(PROJECTION_SCHEMA),
    BillingMode: 'PAY_PER_REQUEST',
  });
  // The service refuses to enable it twice.
  if (created) await client.send(new UpdateTimeToLiveCommand(expiry(name)));
}

/** Creates the buckets that are missing. */
export async function createBuckets(client: S3Client, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await client.send(new CreateBucketCommand({ Bucket: name })).catch((error: unknown) => {
      if (!(error instanceof S3ServiceException && error.name === 'BucketAlreadyOwnedByYou')) throw error;
    });
  }
}

async function createTable(client: DynamoDBClient, input: CreateTableCommandInput): Promise<boolean> {
  try {
    await client.send(new CreateTableCommand(input));
  } catch (error) {
    if (error instanceof ResourceInUseException) return false;
    throw error;
  }
  await waitUntilTableExists({ client, maxWaitTime: 30 }, { TableName: input.TableName });
  return true;
}

function expiry(table: string) {
  const AttributeName = PROJECTION_SCHEMA.timeToLive;
  return { TableName: table, TimeToLiveSpecification: { AttributeName, Enabled: true } };
}

interface Keys {
  readonly partitionKey: string;
  readonly sortKey: string;
}

function keySchema({ partitionKey, sortKey }: Keys) {
  return [
    { AttributeName: partitionKey, KeyType: 'HASH' as const },
    { AttributeName: sortKey, KeyType: 'RANGE' as const },
  ];
}

/** All keys of a table and its indexes, each named once. */
function strings(...keys: Keys[]) {
  const names = new Set(keys.flatMap(({ partitionKey, sortKey }) => [partitionKey, sortKey]));
  return [...names].map((name) => ({ AttributeName: name, AttributeType: 'S' as const }));
}

/** The ARN of a table's stream. */
export async function streamArnOf(client: DynamoDBClient, table: string): Promise<string> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
  if (Table?.LatestStreamArn) return Table.LatestStreamArn;
  throw new Error(`Table ${table} has no stream: enable it with NEW_AND_OLD_IMAGES.`);
}
