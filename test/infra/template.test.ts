import validate from 'asl-validator';
import { beforeAll, describe, expect, test } from 'vitest';
import { FUNCTIONS } from '../../infra/functions/all.ts';
import { environmentSettings } from '../../infra/settings.ts';
import { STREAM_SETTINGS } from '../../infra/stream-settings.ts';
import { readProfile } from '../../shared/settings/pipeline-profile.ts';
import { synthesize, synthesizeQuickly } from '../support/synthesized.ts';
import { deployedValue, type TemplateJson, type TemplateResource } from '../support/template-values.ts';

const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/the-pipelines';
const STREAM = `${TABLE}/stream/2026-11-23T05:22:46.000`;

let dev: TemplateJson;
let prod: TemplateJson;

beforeAll(() => {
  const { templates, remove } = synthesize(
    environmentSettings('dev', { DEV_ALARM_EMAIL: 'ops@example.com' }),
    environmentSettings('prod', { PROD_TRACKING_TABLE_ARN: TABLE, PROD_TRACKING_STREAM_ARN: STREAM }),
  );
  [dev, prod] = templates as [TemplateJson, TemplateJson];
  remove();
});

function all({ Resources }: TemplateJson, type: string): TemplateResource[] {
  return Object.values(Resources).filter(({ Type }) => Type === type);
}

function properties(template: TemplateJson, type: string): Record<string, unknown>[] {
  return all(template, type).map(({ Properties }) => ({ ...Properties }));
}

function only(template: TemplateJson, type: string): Record<string, unknown> {
  const [found, ...others] = properties(template, type);
  if (!found || others.length > 0) throw new Error(`There are ${others.length + (found ? 1 : 0)} ${type}.`);
  return found;
}

describe('every function', () => {
  test('runs on Node 24 and arm64, and says where its sources are', () => {
    const functions = properties(prod, 'AWS::Lambda::Function');
    expect(functions).toHaveLength(FUNCTIONS.length);
    for (const fn of functions) {
      expect(fn).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Environment: { Variables: { NODE_OPTIONS: '--enable-source-maps' } },
      });
      // Capacity that is kept for one function is taken from all others of the account.
      expect(fn).not.toHaveProperty('ReservedConcurrentExecutions');
    }
  });

  test('has a log of its own that is not kept for ever', () => {
    for (const [template, days] of [[dev, 14] as const, [prod, 90] as const]) {
      const logs = properties(template, 'AWS::Logs::LogGroup').map(({ LogGroupName }) => LogGroupName);
      const names = properties(template, 'AWS::Lambda::Function').map(
        ({ FunctionName }) => `/aws/lambda/${FunctionName}`,
      );
      expect(logs.sort()).toEqual(names.sort());
      for (const log of properties(template, 'AWS::Logs::LogGroup')) expect(log.RetentionInDays).toBe(days);
    }
  });

  test('has a role of its own, with no policy but those written here', () => {
    const roles = properties(prod, 'AWS::Lambda::Function').map(({ Role }) => JSON.stringify(Role));
    expect(new Set(roles).size).toBe(FUNCTIONS.length);
    for (const role of properties(prod, 'AWS::IAM::Role'))
      expect(role).not.toHaveProperty('ManagedPolicyArns');
  });
});

test('the operations answer under the name of the settings, which in prod is not that of the older State Manager', () => {
  for (const [template, name] of [
    [dev, 'ndjson-parquet-state-management-dev'],
    [prod, 'ndjson-parquet-state-management-operations-prod'],
  ] as const) {
    expect(properties(template, 'AWS::Lambda::Function')).toContainEqual(
      expect.objectContaining({ FunctionName: name }),
    );
  }
});

describe('permissions', () => {
  const statements = (template: TemplateJson) =>
    properties(template, 'AWS::IAM::Policy').flatMap(
      ({ PolicyDocument }) => (PolicyDocument as { Statement: Record<string, unknown>[] }).Statement,
    );

  test('name every action', () => {
    for (const { Action } of [...statements(dev), ...statements(prod)]) {
      for (const action of [Action].flat()) expect(action).toMatch(/^[a-z0-9]+:[A-Za-z]+$/);
    }
  });

  test('name every bucket, table and state machine whole, and what is in it at least in part', () => {
    const named = [
      /^arn:aws:s3:::[a-z0-9-]+\/([\w-]+\/)*\*$/,
      /^arn:aws:dynamodb:us-east-1:\d{12}:table\/[\w-]+\/stream\/\*$/,
      /^arn:aws:states:us-east-1:\d{12}:(execution|mapRun):[\w-]+(\/Units)?:\*$/,
      /^arn:aws:logs:us-east-1:\d{12}:log-group:[\w/-]+:\*$/,
    ];
    const wildcards = [dev, prod]
      .flatMap((template) =>
        statements(template).flatMap(({ Resource }) =>
          [Resource].flat().map((arn) => deployedValue(arn, template)),
        ),
      )
      .filter((arn) => arn.includes('*'));
    expect(wildcards).not.toEqual([]);
    expect(wildcards.filter((arn) => !named.some((pattern) => pattern.test(arn)))).toEqual([]);
  });
});

describe('the stream mapping', () => {
  test('reads from the oldest record on, in the batches of the local system', () => {
    expect(only(prod, 'AWS::Lambda::EventSourceMapping')).toMatchObject({
      EventSourceArn: STREAM,
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 200,
      MaximumBatchingWindowInSeconds: 1,
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
      expect(only(template, 'AWS::Lambda::EventSourceMapping')).not.toHaveProperty(
        'MaximumRecordAgeInSeconds',
      );
    }
  });

  test('reads the new table where there is no other', () => {
    expect(only(dev, 'AWS::Lambda::EventSourceMapping').EventSourceArn).toEqual({
      'Fn::GetAtt': [expect.stringContaining('Table'), 'StreamArn'],
    });
  });

  test('keeps what it gives up in S3, the only destination that gets the whole records', () => {
    const { DestinationConfig } = only(prod, 'AWS::Lambda::EventSourceMapping');
    const { Destination } = (DestinationConfig as { OnFailure: { Destination: unknown } }).OnFailure;
    expect(deployedValue(Destination, prod)).toBe(
      'arn:aws:s3:::state-manager-dead-letters-prod-000000000000-us-east-1',
    );
  });
});

describe('schedules', () => {
  test('are in prod, and not in dev', () => {
    expect(all(dev, 'AWS::Scheduler::Schedule')).toEqual([]);
    expect(all(prod, 'AWS::Scheduler::Schedule')).not.toEqual([]);
  });

  test('are a sweep every 6 hours, statistics every hour, an audit every night and a watchdog', () => {
    const expressions = properties(prod, 'AWS::Scheduler::Schedule').map(({ Name, ScheduleExpression }) => [
      Name,
      ScheduleExpression,
    ]);
    expect(Object.fromEntries(expressions)).toEqual({
      'ndjson-parquet-state-management-orphan-sweep-prod': 'cron(10 0/6 * * ? *)',
      'ndjson-parquet-state-management-stats-prod': 'cron(5 * * * ? *)',
      'ndjson-parquet-state-management-audit-prod': 'cron(30 3 * * ? *)',
      'ndjson-parquet-state-management-watchdog-prod': 'rate(2 minutes)',
    });
  });

  test('are tried again, and what could not be started is left in a queue', () => {
    for (const { Target } of properties(prod, 'AWS::Scheduler::Schedule')) {
      expect(Target).toMatchObject({
        RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 3_600 },
        DeadLetterConfig: { Arn: { 'Fn::GetAtt': [expect.stringContaining('FailedStarts'), 'Arn'] } },
      });
    }
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
      ...properties(dev, 'AWS::DynamoDB::GlobalTable'),
      ...properties(prod, 'AWS::DynamoDB::GlobalTable'),
    ]) {
      expect(Replicas).toMatchObject([
        { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
      ]);
    }
  });

  test('of the projection expires by its own attribute and has no index', () => {
    const projection = only(prod, 'AWS::DynamoDB::GlobalTable');
    expect(projection).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
    });
    expect(projection).not.toHaveProperty('GlobalSecondaryIndexes');
  });

  test('of a new tracking table is in the form of the pipeline', () => {
    const [tracking] = properties(dev, 'AWS::DynamoDB::GlobalTable').filter(({ TableName }) =>
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
    const tracking = properties(template, 'AWS::DynamoDB::GlobalTable').find(
      ({ GlobalSecondaryIndexes }) => GlobalSecondaryIndexes,
    );
    expect(tracking).toMatchObject({ GlobalSecondaryIndexes: [{ IndexName: 'by-status' }] });
    const policies = JSON.stringify(properties(template, 'AWS::IAM::Policy'));
    expect(policies).toContain('/index/by-status');
    expect(policies).not.toContain('status-index');
  });

  test('of the pipeline is imported in prod and touched by no template', () => {
    const names = properties(prod, 'AWS::DynamoDB::GlobalTable').map(({ TableName }) => TableName);
    expect(names).toEqual(['ndjson-parquet-state-manager-prod']);
  });
});

describe('nothing is public', () => {
  test('the bucket', () => {
    const yes = {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    };
    expect(only(prod, 'AWS::S3::Bucket').PublicAccessBlockConfiguration).toEqual(yes);
    expect(only(prod, 'AWS::S3::Bucket')).toHaveProperty('BucketEncryption');
  });

  test('no policy lets in somebody who is not named', () => {
    const policies = ['AWS::S3::BucketPolicy', 'AWS::SNS::TopicPolicy', 'AWS::SQS::QueuePolicy'];
    for (const type of policies) {
      for (const { PolicyDocument } of properties(prod, type)) {
        for (const { Effect, Principal } of (PolicyDocument as { Statement: Record<string, unknown>[] })
          .Statement) {
          if (Effect === 'Allow') expect(JSON.stringify(Principal)).not.toContain('*');
        }
      }
    }
  });

  test('nothing can be called from outside the account', () => {
    for (const type of [
      'AWS::Lambda::Url',
      'AWS::Lambda::Permission',
      'AWS::ApiGateway::RestApi',
      'AWS::ApiGatewayV2::Api',
    ]) {
      expect(all(prod, type)).toEqual([]);
    }
  });
});

test.each(['plan', 'apply'] as const)('every check passes where a sweep may %s what heals files', (mode) => {
  const autoHeal = { mode, causes: ['manifest_missing' as const], max_changes: 10, max_share: 1 };
  const { templates, remove } = synthesize({ ...environmentSettings('dev', {}), autoHeal });
  remove();
  expect(templates).toHaveLength(1);
});

test('everything carries the tags of its application and environment', () => {
  const tags = [
    { Key: 'application', Value: 'ndjson-parquet-state-manager' },
    { Key: 'environment', Value: 'prod' },
  ];
  for (const fn of properties(prod, 'AWS::Lambda::Function'))
    expect(fn.Tags).toEqual(expect.arrayContaining(tags));
});

describe('state machines', () => {
  test('are there for audits and rebuilds, with valid definitions', () => {
    const machines = properties(prod, 'AWS::StepFunctions::StateMachine');
    expect(machines.map(({ StateMachineName }) => StateMachineName).sort()).toEqual([
      'ndjson-parquet-state-management-audit-prod',
      'ndjson-parquet-state-management-rebuild-prod',
    ]);
    for (const { DefinitionString } of machines) {
      const { isValid, errorsText } = validate(JSON.parse(deployedValue(DefinitionString, prod)));
      expect(isValid, errorsText()).toBe(true);
    }
  });
});

test('the dashboard shows the alarms, the widget, and a row for each question', () => {
  const body = JSON.parse(deployedValue(only(prod, 'AWS::CloudWatch::Dashboard').DashboardBody, prod));
  const widgets: { type: string; properties: { markdown?: string; endpoint?: string } }[] = body.widgets;
  expect(widgets[0]?.type).toBe('alarm');
  expect(widgets[1]?.properties.endpoint).toMatch(
    /function:ndjson-parquet-state-management-dashboard-widget-prod$/,
  );
  const headings = widgets.flatMap(({ properties }) => /^## (.*)/.exec(properties.markdown ?? '')?.[1] ?? []);
  expect(headings).toEqual(['Files', 'Flow', 'Lag', 'Sweeps and audits', 'Cost']);
});
