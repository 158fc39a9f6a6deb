import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, expect, it } from 'vitest';
import { createBuckets, createProjectionTable, createTrackingTable } from '../../../infra/local/tables.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';

let aws: LocalAws;

beforeAll(async () => {
  aws = await localAws({ streamed: true });
});

it('the tracking table has the index and the stream of the pipeline', async () => {
  const { Table } = await aws.dynamoDb.send(new DescribeTableCommand({ TableName: aws.trackingTable }));
  expect(Table?.StreamSpecification).toEqual({ StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' });
  expect(Table?.GlobalSecondaryIndexes).toMatchObject([
    { IndexName: 'status-index', KeySchema: [{ AttributeName: 'status' }, { AttributeName: 'date_prefix' }] },
  ]);
});

it('the projection table expires items by expires_at', async () => {
  // Not the one of the tests, which keeps expired items.
  const TableName = `${aws.projectionTable}-as-created`;
  await createProjectionTable(aws.dynamoDb, TableName);
  const request = new DescribeTimeToLiveCommand({ TableName });
  const { TimeToLiveDescription } = await aws.dynamoDb.send(request);
  expect(TimeToLiveDescription).toMatchObject({ AttributeName: 'expires_at', TimeToLiveStatus: 'ENABLED' });
});

it('creating what exists leaves its content as it is', async () => {
  const { dynamoDb, s3, trackingTable, projectionTable, buckets } = aws;
  const item = { pk: { S: 'FILE#2026-11-23#0' }, sk: { S: 'x.ndjson' } };
  await dynamoDb.send(new PutItemCommand({ TableName: projectionTable, Item: item }));
  await s3.send(new PutObjectCommand({ Bucket: buckets.input, Key: 'kept', Body: 'kept' }));

  await createTrackingTable(dynamoDb, trackingTable, FIELD_PROFILE);
  await createProjectionTable(dynamoDb, projectionTable);
  await createBuckets(s3, Object.values(buckets));

  const scan = await dynamoDb.send(new ScanCommand({ TableName: projectionTable }));
  expect(scan.Items).toEqual([item]);
  await s3.send(new HeadObjectCommand({ Bucket: buckets.input, Key: 'kept' }));
});
