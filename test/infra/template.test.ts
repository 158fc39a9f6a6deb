import validate from 'asl-validator';
import { describe, expect, test } from 'vitest';
import { FUNCTIONS } from '../../infra/functions/all.ts';
import { environmentSettings } from '../../infra/settings.ts';
import { deployed, onlyOf, propertiesOf } from '../support/deployed-templates.ts';
import { synthesize } from '../support/synthesized.ts';
import { deployedValue, type TemplateJson } from '../support/template-values.ts';

const { template: dev } = deployed('dev');
const { template: prod } = deployed('prod');

describe('every function', () => {
  test('runs on Node 24 and arm64, and says where its sources are', () => {
    const functions = propertiesOf(prod, 'AWS::Lambda::Function');
    expect(functions).toHaveLength(FUNCTIONS.length);
    for (const fn of functions) {
      expect(fn).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Environment: { Variables: { NODE_OPTIONS: expect.stringContaining('--enable-source-maps') } },
      });
      // Capacity that is kept for one function is taken from all others of the account.
      expect(fn).not.toHaveProperty('ReservedConcurrentExecutions');
    }
  });

  test('has a log of its own that is not kept for ever', () => {
    for (const [template, days] of [[dev, 14] as const, [prod, 90] as const]) {
      const logs = propertiesOf(template, 'AWS::Logs::LogGroup').map(({ LogGroupName }) => LogGroupName);
      const names = propertiesOf(template, 'AWS::Lambda::Function').map(
        ({ FunctionName }) => `/aws/lambda/${FunctionName}`,
      );
      expect(logs.sort()).toEqual(names.sort());
      for (const log of propertiesOf(template, 'AWS::Logs::LogGroup')) expect(log.RetentionInDays).toBe(days);
    }
  });

  test('has a role of its own, with no policy but those written here', () => {
    const roles = propertiesOf(prod, 'AWS::Lambda::Function').map(({ Role }) => JSON.stringify(Role));
    expect(new Set(roles).size).toBe(FUNCTIONS.length);
    for (const role of propertiesOf(prod, 'AWS::IAM::Role'))
      expect(role).not.toHaveProperty('ManagedPolicyArns');
  });
});

test('the operations answer under the name of the settings, which in prod is not that of the older State Manager', () => {
  for (const [template, name] of [
    [dev, 'ndjson-parquet-state-management-dev'],
    [prod, 'ndjson-parquet-state-management-operations-prod'],
  ] as const) {
    expect(propertiesOf(template, 'AWS::Lambda::Function')).toContainEqual(
      expect.objectContaining({ FunctionName: name }),
    );
  }
});

test('what may be read of the tracking table in a second is shared by what a run does at once', () => {
  const rates = propertiesOf(prod, 'AWS::Lambda::Function').flatMap(({ FunctionName, Environment }) => {
    const { Variables } = Environment as { readonly Variables: Readonly<Record<string, string>> };
    return Variables.READ_UNITS_PER_SECOND ? [[FunctionName, Variables.READ_UNITS_PER_SECOND]] : [];
  });
  expect(Object.fromEntries(rates)).toEqual({
    'ndjson-parquet-state-management-orphan-sweep-prod': '500',
    'ndjson-parquet-state-management-consistency-audit-prod': '125',
    'ndjson-parquet-state-management-projection-rebuild-prod': '62.5',
  });
});

describe('permissions', () => {
  const statements = (template: TemplateJson) =>
    propertiesOf(template, 'AWS::IAM::Policy').flatMap(
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

  test('let nobody write to the output bucket, or delete there', () => {
    const outputs = [dev, prod].flatMap((template) => {
      const policies = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'].flatMap((type) =>
        propertiesOf(template, type),
      );
      const all = policies.flatMap(
        ({ PolicyDocument }) => (PolicyDocument as { Statement: Record<string, unknown>[] }).Statement,
      );
      return all.flatMap(({ Action, Resource }) => {
        const arns = [Resource].flat().map((arn) => deployedValue(arn, template));
        return arns.some((arn) => /:::(ndjson-parquet-output-|\*)/.test(arn)) ? [Action].flat() : [];
      });
    });
    expect([...new Set(outputs)].sort()).toEqual(['s3:GetObject', 's3:ListBucket']);
  });
});

describe('schedules', () => {
  test('are in prod, and not in dev', () => {
    expect(propertiesOf(dev, 'AWS::Scheduler::Schedule')).toEqual([]);
    expect(propertiesOf(prod, 'AWS::Scheduler::Schedule')).not.toEqual([]);
  });

  test('are a sweep every 6 hours, statistics every hour, an audit every night and a watchdog', () => {
    const expressions = propertiesOf(prod, 'AWS::Scheduler::Schedule').map(({ Name, ScheduleExpression }) => [
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
    for (const { Target } of propertiesOf(prod, 'AWS::Scheduler::Schedule')) {
      expect(Target).toMatchObject({
        RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 3_600 },
        DeadLetterConfig: { Arn: { 'Fn::GetAtt': [expect.stringContaining('FailedStarts'), 'Arn'] } },
      });
    }
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
    expect(onlyOf(prod, 'AWS::S3::Bucket').PublicAccessBlockConfiguration).toEqual(yes);
    expect(onlyOf(prod, 'AWS::S3::Bucket')).toHaveProperty('BucketEncryption');
  });

  test('no policy lets in somebody who is not named', () => {
    const policies = ['AWS::S3::BucketPolicy', 'AWS::SNS::TopicPolicy', 'AWS::SQS::QueuePolicy'];
    for (const type of policies) {
      for (const { PolicyDocument } of propertiesOf(prod, type)) {
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
      expect(propertiesOf(prod, type)).toEqual([]);
    }
  });
});

test('everything carries the tags of its application and environment', () => {
  const tags = [
    { Key: 'application', Value: 'ndjson-parquet-state-manager' },
    { Key: 'environment', Value: 'prod' },
  ];
  for (const fn of propertiesOf(prod, 'AWS::Lambda::Function'))
    expect(fn.Tags).toEqual(expect.arrayContaining(tags));
});

describe('state machines', () => {
  test('are there for sweeps, audits, rebuilds and changes, with valid definitions', () => {
    const machines = propertiesOf(prod, 'AWS::StepFunctions::StateMachine');
    expect(machines.map(({ StateMachineName }) => StateMachineName).sort()).toEqual([
      'ndjson-parquet-state-management-audit-prod',
      'ndjson-parquet-state-management-changes-prod',
      'ndjson-parquet-state-management-rebuild-prod',
      'ndjson-parquet-state-management-sweep-prod',
    ]);
    for (const { DefinitionString } of machines) {
      const { isValid, errorsText } = validate(JSON.parse(deployedValue(DefinitionString, prod)));
      expect(isValid, errorsText()).toBe(true);
    }
  });
});

test('the dashboard shows the alarms, the widget, and a row for each question', () => {
  const body = JSON.parse(deployedValue(onlyOf(prod, 'AWS::CloudWatch::Dashboard').DashboardBody, prod));
  const widgets: { type: string; properties: { markdown?: string; endpoint?: string } }[] = body.widgets;
  expect(widgets[0]?.type).toBe('alarm');
  expect(widgets[1]?.properties.endpoint).toMatch(
    /function:ndjson-parquet-state-management-dashboard-widget-prod$/,
  );
  const headings = widgets.flatMap(({ properties }) => /^## (.*)/.exec(properties.markdown ?? '')?.[1] ?? []);
  expect(headings).toEqual(['Files', 'Flow', 'Lag', 'Sweeps and audits', 'Cost']);
});

test('every check passes, in each environment and where a sweep may plan or change what heals files', {
  tags: ['long'],
}, () => {
  const healing = (mode: 'plan' | 'apply') => ({
    ...environmentSettings('dev', {}),
    environment: mode,
    autoHeal: { mode, causes: ['manifest_missing' as const], max_changes: 10, max_share: 1 },
  });
  const { templates, remove } = synthesize(
    environmentSettings('dev', {}),
    environmentSettings('prod', {}),
    healing('plan'),
    healing('apply'),
  );
  remove();
  expect(templates).toHaveLength(4);
});
