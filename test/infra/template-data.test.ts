import { describe, expect, test } from 'vitest';
import { type EnvironmentSettings, environmentSettings } from '../../infra/settings.ts';
import { STREAM_SETTINGS } from '../../infra/stream-settings.ts';
import { readProfile } from '../../shared/settings/pipeline-profile.ts';
import { deployed, onlyOf, propertiesOf, STREAM_ARN } from '../support/deployed-templates.ts';
import { synthesizeQuickly } from '../support/synthesized.ts';
import { deployedValue, type TemplateJson, type TemplateResource } from '../support/template-values.ts';

const { template: dev } = deployed('dev');
const { template: prod } = deployed('prod');

const PROVISIONED: EnvironmentSettings['capacity'] = {
  mode: 'provisioned',
  write: { least: 1, most: 100 },
  read: { least: 1, most: 100 },
};

/** Prod with some of its settings changed. */
function synthesized(settings: Partial<EnvironmentSettings>): TemplateJson {
  const { templates, remove } = synthesizeQuickly({ ...environmentSettings('prod', {}), ...settings });
  remove();
  const [template] = templates as [TemplateJson];
  return template;
}

function all({ Resources }: TemplateJson, type: string): TemplateResource[] {
  return Object.values(Resources).filter(({ Type }) => Type === type);
}

describe('the stream mapping', () => {
  test('reads from the oldest record on, in batches of 20 seconds unless the settings say otherwise', () => {
    expect(onlyOf(prod, 'AWS::Lambda::EventSourceMapping')).toMatchObject({
      EventSourceArn: STREAM_ARN,
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 10_000,
      MaximumBatchingWindowInSeconds: 20,
      MaximumRetryAttempts: -1,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  test('begins with the oldest record of the stream and gives none up for its age, on the first day or later', () => {
    // The age is infinite where none is set, as -1 is on one machine. A bound below the 24 hours that a stream keeps
    // would send the older part of it, unread, to the dead letter bucket when the mapping begins.
    // https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
    expect(STREAM_SETTINGS).toMatchObject({
      startingPosition: 'TRIM_HORIZON',
      maximumRecordAgeSeconds: -1,
      maximumRetryAttempts: -1,
    });
    for (const template of [dev, prod]) {
      expect(onlyOf(template, 'AWS::Lambda::EventSourceMapping')).not.toHaveProperty(
        'MaximumRecordAgeInSeconds',
      );
    }
  });

  test('gathers changes as long as the settings of the environment say', () => {
    const stream = { batchSize: 500, windowSeconds: 300 };
    const template = synthesized({ stream });
    expect(onlyOf(template, 'AWS::Lambda::EventSourceMapping')).toMatchObject({
      BatchSize: 500,
      MaximumBatchingWindowInSeconds: 300,
      MaximumRetryAttempts: -1,
    });
  });

  test('reads the new table where there is no other', () => {
    expect(onlyOf(dev, 'AWS::Lambda::EventSourceMapping').EventSourceArn).toEqual({
      'Fn::GetAtt': [expect.stringContaining('Table'), 'StreamArn'],
    });
  });

  test('keeps what it gives up in S3, the only destination that gets the whole records', () => {
    const { DestinationConfig } = onlyOf(prod, 'AWS::Lambda::EventSourceMapping');
    const { Destination } = (DestinationConfig as { OnFailure: { Destination: unknown } }).OnFailure;
    expect(deployedValue(Destination, prod)).toBe(
      'arn:aws:s3:::state-manager-dead-letters-prod-000000000000-us-east-1',
    );
  });
});

describe('data', () => {
  const DATA = ['AWS::DynamoDB::GlobalTable', 'AWS::S3::Bucket', 'AWS::Logs::LogGroup'];

  test.each(DATA)('in prod outlives the stack: %s', (type) => {
    expect(all(prod, type)).not.toEqual([]);
    for (const resource of all(prod, type)) {
      // Not "Retain", which would keep what a failed first deployment created: stack-life.test.ts.
      expect(resource).toMatchObject({
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
      });
    }
    for (const { DeletionPolicy } of all(dev, type)) expect(DeletionPolicy).toBe('Delete');
  });

  test('is protected from being deleted by no template: a table that is could not be rolled back', () => {
    for (const template of [dev, prod]) {
      expect(JSON.stringify(template)).not.toContain('DeletionProtectionEnabled');
    }
  });

  test('can be brought back to any moment of the last weeks', () => {
    for (const { Replicas } of [
      ...propertiesOf(dev, 'AWS::DynamoDB::GlobalTable'),
      ...propertiesOf(prod, 'AWS::DynamoDB::GlobalTable'),
    ]) {
      expect(Replicas).toMatchObject([
        { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
      ]);
    }
  });

  test('of the projection expires by its own attribute and has no index', () => {
    const projection = onlyOf(prod, 'AWS::DynamoDB::GlobalTable');
    expect(projection).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
    });
    expect(projection).not.toHaveProperty('GlobalSecondaryIndexes');
  });

  test('of the projection is written and read at a capacity that follows the load, where the settings ask for it', () => {
    const write = { least: 20, most: 4_000 };
    const template = synthesized({ capacity: { mode: 'provisioned', write, read: { least: 5, most: 500 } } });
    const scaled = (MinCapacity: number, MaxCapacity: number) => ({
      MinCapacity,
      MaxCapacity,
      // Without it, CloudFormation refuses to switch a table that exists, in either direction.
      SeedCapacity: MinCapacity,
      TargetTrackingScalingPolicyConfiguration: { TargetValue: 70 },
    });
    expect(onlyOf(template, 'AWS::DynamoDB::GlobalTable')).toMatchObject({
      BillingMode: 'PROVISIONED',
      WriteProvisionedThroughputSettings: { WriteCapacityAutoScalingSettings: scaled(20, 4_000) },
      Replicas: [{ ReadProvisionedThroughputSettings: { ReadCapacityAutoScalingSettings: scaled(5, 500) } }],
    });
  });

  test('of a new tracking table takes every peak, however the projection is paid for', () => {
    const settings = { ...environmentSettings('dev', {}), capacity: PROVISIONED };
    const { templates, remove } = synthesizeQuickly(settings);
    remove();
    const modes = templates.flatMap((template) => propertiesOf(template, 'AWS::DynamoDB::GlobalTable'));
    expect(modes.map(({ BillingMode }) => BillingMode).sort()).toEqual(['PAY_PER_REQUEST', 'PROVISIONED']);
  });

  test('of a new tracking table is in the form of the pipeline', () => {
    const [tracking] = propertiesOf(dev, 'AWS::DynamoDB::GlobalTable').filter(({ TableName }) =>
      String(TableName).includes('manager-tracking'),
    );
    const keys = (...names: string[]) => names.map((AttributeName) => ({ AttributeName }));
    expect(tracking).toMatchObject({
      KeySchema: keys('date_prefix', 'file_key'),
      GlobalSecondaryIndexes: [{ IndexName: 'status-index', KeySchema: keys('status', 'date_prefix') }],
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    });
  });

  test('has its index by the name that the profile gives, and functions may ask that index alone', () => {
    const settings = environmentSettings('dev', {});
    const profile = readProfile('{"records":{"status_index":"by-status"}}');
    const { templates, remove } = synthesizeQuickly({ ...settings, profile });
    remove();
    const [template] = templates as [TemplateJson];
    const tracking = propertiesOf(template, 'AWS::DynamoDB::GlobalTable').find(
      ({ GlobalSecondaryIndexes }) => GlobalSecondaryIndexes,
    );
    expect(tracking).toMatchObject({ GlobalSecondaryIndexes: [{ IndexName: 'by-status' }] });
    const policies = JSON.stringify(propertiesOf(template, 'AWS::IAM::Policy'));
    expect(policies).toContain('/index/by-status');
    expect(policies).not.toContain('status-index');
  });

  test('of the pipeline is imported in prod and touched by no template', () => {
    const names = propertiesOf(prod, 'AWS::DynamoDB::GlobalTable').map(({ TableName }) => TableName);
    expect(names).toEqual(['ndjson-parquet-state-manager-prod']);
  });
});
