import { describe, expect, test } from 'vitest';
import { deployed, ENVIRONMENTS, resourcesOf } from '../../support/deployed-templates.ts';

interface Key {
  readonly AttributeName: string;
  readonly KeyType: 'HASH' | 'RANGE';
}

interface TableProperties {
  readonly AttributeDefinitions: readonly { readonly AttributeName: string }[];
  readonly KeySchema: readonly Key[];
  readonly GlobalSecondaryIndexes?: readonly {
    readonly IndexName: string;
    readonly KeySchema: readonly Key[];
  }[];
  readonly Replicas: readonly { readonly Region: unknown }[];
  readonly TimeToLiveSpecification: { readonly AttributeName: string };
  readonly BillingMode: string;
}

interface LifecycleRule {
  readonly Id: string;
  readonly Status: string;
  readonly ExpirationInDays?: number;
  readonly AbortIncompleteMultipartUpload?: { readonly DaysAfterInitiation: number };
}

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
const RETENTIONS = [
  ...[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827],
  ...[2192, 2557, 2922, 3288, 3653],
];

describe.each(ENVIRONMENTS)('in %s', (environment) => {
  const { template } = deployed(environment);
  const tables = resourcesOf(template, 'AWS::DynamoDB::GlobalTable').map(
    ([id, properties]) => [id, properties as unknown as TableProperties] as const,
  );

  // "Some AttributeDefinitions are not used": https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
  test('a table defines the attributes of its keys, and no others', () => {
    for (const [id, { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes = [] }] of tables) {
      const schemas = [KeySchema, ...GlobalSecondaryIndexes.map((index) => index.KeySchema)];
      const used = new Set(schemas.flat().map(({ AttributeName }) => AttributeName));
      expect(new Set(AttributeDefinitions.map(({ AttributeName }) => AttributeName)), id).toEqual(used);
      for (const schema of schemas) expect(schema[0]?.KeyType, id).toBe('HASH');
      expect(GlobalSecondaryIndexes.length, id).toBeLessThanOrEqual(20);
      for (const { IndexName } of GlobalSecondaryIndexes) expect(IndexName).toMatch(/^[\w.-]{3,255}$/);
    }
  });

  // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html
  test('a table has one replica, which is where its stack is', () => {
    const regions = [{ Ref: 'AWS::Region' }, 'us-east-1'];
    for (const [id, { Replicas }] of tables) {
      expect(Replicas, id).toHaveLength(1);
      expect(regions, id).toContainEqual(Replicas[0]?.Region);
    }
  });

  test('what expires in a table is not named by its key', () => {
    for (const [id, { KeySchema, TimeToLiveSpecification, BillingMode }] of tables) {
      expect(
        KeySchema.map(({ AttributeName }) => AttributeName),
        id,
      ).not.toContain(TimeToLiveSpecification.AttributeName);
      expect(BillingMode, id).toBe('PAY_PER_REQUEST');
    }
  });

  test('a log is kept for a number of days that CloudWatch knows', () => {
    for (const [id, { RetentionInDays }] of resourcesOf(template, 'AWS::Logs::LogGroup')) {
      expect(RETENTIONS, id).toContain(RetentionInDays);
    }
  });

  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
  test('the rules of a bucket have names of their own, and each does something', () => {
    for (const [id, { LifecycleConfiguration }] of resourcesOf(template, 'AWS::S3::Bucket')) {
      const { Rules } = LifecycleConfiguration as { readonly Rules: readonly LifecycleRule[] };
      expect(new Set(Rules.map(({ Id }) => Id)).size, id).toBe(Rules.length);
      for (const { Id, Status, ExpirationInDays, AbortIncompleteMultipartUpload } of Rules) {
        expect(Id.length, id).toBeLessThanOrEqual(255);
        expect(Status, Id).toBe('Enabled');
        expect(ExpirationInDays ?? AbortIncompleteMultipartUpload?.DaysAfterInitiation, Id).toBeGreaterThan(
          0,
        );
      }
    }
  });

  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
  test('a queue keeps its messages for 60 seconds to 14 days', () => {
    for (const [id, { MessageRetentionPeriod }] of resourcesOf(template, 'AWS::SQS::Queue')) {
      expect(MessageRetentionPeriod, id).toBeGreaterThanOrEqual(60);
      expect(MessageRetentionPeriod, id).toBeLessThanOrEqual(1_209_600);
    }
  });
});
