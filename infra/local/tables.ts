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

/** Creates the pipeline's table as the pipeline's own stack does; leaves an existing one as it is. */
export async function createTrackingTable(client: DynamoDBClient, name: string): Promise<void> {
  await createTable(client, {
    TableName: name,
    KeySchema: keySchema('date_prefix', 'file_key'),
    AttributeDefinitions: strings('date_prefix', 'file_key', 'status'),
    GlobalSecondaryIndexes: [
      {
        IndexName: 'status-index',
        KeySchema: keySchema('status', 'date_prefix'),
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    BillingMode: 'PAY_PER_REQUEST',
  });
}

/** Creates the State Manager's own table; leaves an existing one as it is. */
export async function createProjectionTable(client: DynamoDBClient, name: string): Promise<void> {
  const created = await createTable(client, {
    TableName: name,
    KeySchema: keySchema('pk', 'sk'),
    AttributeDefinitions: strings('pk', 'sk'),
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
  return { TableName: table, TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true } };
}

function keySchema(hash: string, range: string) {
  return [
    { AttributeName: hash, KeyType: 'HASH' as const },
    { AttributeName: range, KeyType: 'RANGE' as const },
  ];
}

function strings(...names: string[]) {
  return names.map((name) => ({ AttributeName: name, AttributeType: 'S' as const }));
}

/** The ARN of a table's stream. */
export async function streamArnOf(client: DynamoDBClient, table: string): Promise<string> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
  if (Table?.LatestStreamArn) return Table.LatestStreamArn;
  throw new Error(`Table ${table} has no stream: enable it with NEW_AND_OLD_IMAGES.`);
}
