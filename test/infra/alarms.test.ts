import { existsSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { describe, expect, inject, test } from 'vitest';
import { stateManager } from '../../infra/app.ts';
import { FUNCTIONS } from '../../infra/functions/all.ts';
import { environmentSettings } from '../../infra/settings.ts';
import { EVERY_HOURS, missedAfterHours } from '../../shared/aws/schedule.ts';
import { METRICS, type MetricForm } from '../../shared/metrics/names.ts';
import { ORPHAN_KINDS } from '../../shared/orphans/verdict.ts';
import { arrivalsProfile } from '../../shared/settings/arrivals-profile.ts';
import { deployed, onlyOf, propertiesOf, resourcesOf } from '../support/deployed-templates.ts';
import { synthesizeQuickly } from '../support/synthesized.ts';
import { deployedValue, type TemplateJson } from '../support/template-values.ts';

const { template: dev } = deployed('dev');
const { template: prod } = deployed('prod');

function alarms(template: TemplateJson): Record<string, unknown>[] {
  return propertiesOf(template, 'AWS::CloudWatch::Alarm');
}

function alarmOf(template: TemplateJson, end: string): Record<string, unknown> {
  const found = alarms(template).find(({ AlarmName }) => String(AlarmName).endsWith(`-${end}`));
  if (!found) throw new Error(`There is no alarm ${end}.`);
  return found;
}

describe('alarms', () => {
  test('begin with the name of the environment and notify the topic', () => {
    for (const alarm of propertiesOf(prod, 'AWS::CloudWatch::Alarm')) {
      expect(alarm.AlarmName).toMatch(/^ndjson-parquet-state-management-prod-/);
      expect(alarm).toMatchObject({ AlarmActions: [{ Ref: expect.stringContaining('AlarmTopic') }] });
    }
  });

  test('are silent on the first day: none treats missing data as a fault, and none reports becoming OK', () => {
    for (const alarm of [...alarms(dev), ...alarms(prod)]) {
      expect(alarm.TreatMissingData).not.toBe('breaching');
      expect(alarm).not.toHaveProperty('OKActions');
    }
  });

  test('report when they end, if they had gone off', () => {
    expect(onlyOf(prod, 'AWS::Events::Rule').EventPattern).toEqual({
      source: ['aws.cloudwatch'],
      'detail-type': ['CloudWatch Alarm State Change'],
      detail: {
        alarmName: [{ prefix: 'ndjson-parquet-state-management-prod-' }],
        state: { value: ['OK'] },
        previousState: { value: ['ALARM'] },
      },
    });
  });

  test('report silence after values if somebody has to see it', () => {
    const told = (template: TemplateJson) =>
      alarms(template).filter(({ InsufficientDataActions }) => InsufficientDataActions !== undefined);
    // Where schedules wake the watchdog, it tells; else Lambda counts what it polls.
    expect(told(prod)).toEqual([alarmOf(prod, 'blind')]);
    expect(told(dev)).toEqual([alarmOf(dev, 'not-polling')]);
    for (const alarm of [...told(prod), ...told(dev)]) expect(alarm.TreatMissingData).toBe('missing');
  });

  test('ring within ten minutes when the projection is blind', () => {
    const seconds = (template: TemplateJson, name: string) => {
      const { Period, EvaluationPeriods } = alarmOf(template, name);
      return Number(Period) * Number(EvaluationPeriods);
    };
    expect(seconds(prod, 'blind')).toBeLessThanOrEqual(8 * 60);
    expect(seconds(dev, 'not-polling')).toBeLessThanOrEqual(8 * 60);
    expect(alarms(dev).map(({ AlarmName }) => AlarmName)).not.toContainEqual(
      expect.stringMatching(/-blind$/),
    );
    // What the mapping counts may be billed.
    expect(onlyOf(prod, 'AWS::Lambda::EventSourceMapping')).not.toHaveProperty('MetricsConfig');
    expect(onlyOf(dev, 'AWS::Lambda::EventSourceMapping')).toHaveProperty('MetricsConfig');
  });

  test('on throttling of the table have a number for every period, so that they end', () => {
    const { Metrics, EvaluationPeriods, DatapointsToAlarm } = alarmOf(prod, 'table-throttles');
    expect(Metrics).toContainEqual(
      expect.objectContaining({ Expression: 'FILL(reads, 0) + FILL(writes, 0)', ReturnData: true }),
    );
    // The newest is zero until its number has come.
    expect(Number(DatapointsToAlarm)).toBeLessThan(Number(EvaluationPeriods));
  });

  test('ring when much fails, as the settings say', () => {
    expect(alarmOf(prod, 'files-failed')).toMatchObject({
      Threshold: 20,
      Metrics: expect.arrayContaining([
        expect.objectContaining({ Expression: 'IF(settled >= 20, 100 * FILL(failed, 0) / settled, 0)' }),
      ]),
    });
    const failureAlarm = { share: 0.5, leastFiles: 1_000 };
    const { templates, remove } = synthesizeQuickly({ ...environmentSettings('dev', {}), failureAlarm });
    remove();
    const [template] = templates as [TemplateJson];
    expect(alarmOf(template, 'files-failed').Threshold).toBe(50);
    expect(JSON.stringify(alarmOf(template, 'files-failed').Metrics)).toContain('settled >= 1000');
    expect(alarmOf(template, 'manifests-failed').Threshold).toBe(50);
  });

  test('on arrivals exist if files are compared or expected', () => {
    const namesWith = (arrivals: object) => {
      const settings = environmentSettings('dev', {});
      const profile = { ...settings.profile, arrivals: arrivalsProfile.parse(arrivals) };
      const { templates, remove } = synthesizeQuickly({ ...settings, profile });
      remove();
      return templates.flatMap(alarms).map(({ AlarmName }) => String(AlarmName));
    };
    const ends = expect.stringMatching(/-arrivals$/);
    expect(namesWith({})).toContainEqual(ends);
    expect(namesWith({ compare: false, expected: [{ at_least: 1, by: '06:00' }] })).toContainEqual(ends);
    expect(namesWith({ compare: false })).not.toContainEqual(ends);
  });

  test('on failures exist only if the settings ask for them', () => {
    const { templates, remove } = synthesizeQuickly({
      ...environmentSettings('dev', {}),
      failureAlarm: undefined,
    });
    remove();
    const names = templates.flatMap(alarms).map(({ AlarmName }) => String(AlarmName));
    expect(names.filter((name) => /-(files|manifests)-failed$/.test(name))).toEqual([]);
    expect(names).not.toEqual([]);
  });

  test.each([
    ['issues', 'NewIssues'],
    ['data-findings', 'NewDataFindings'],
    ['drift', 'DriftFound'],
  ])(
    'ring for %s that an audit finds, and end before the next one, so that they can ring again',
    (name, MetricName) => {
      const { Metrics, ...alarm } = alarmOf(prod, name);
      expect(alarm).toMatchObject({ Threshold: 0, EvaluationPeriods: 1, TreatMissingData: 'notBreaching' });
      const [asked, summed] = Metrics as readonly [
        object,
        { readonly MetricStat: { readonly Period: number } },
      ];
      expect(asked).toMatchObject({ Expression: 'FILL(found, 0)' });
      expect(summed).toMatchObject({ MetricStat: { Metric: { MetricName }, Stat: 'Sum' } });
      const hours = summed.MetricStat.Period / 3_600;
      // An audit takes hours at most, and is followed by another after a day.
      expect(hours).toBeGreaterThanOrEqual(8);
      expect(hours).toBeLessThanOrEqual(EVERY_HOURS.audit - 8);
    },
  );

  test('say what to run, where to read on and where the dashboard is', () => {
    for (const [environment, template] of [
      ['dev', dev],
      ['prod', prod],
    ] as const) {
      for (const { AlarmDescription } of alarms(template)) {
        const text = deployedValue(AlarmDescription, template);
        const [, runbook = '', env] = /^Run: npx tsx (runbooks\/[\w-]+\.ts).* --env (\w+)$/m.exec(text) ?? [];
        expect(existsSync(runbook), text).toBe(true);
        expect(env).toBe(environment);
        expect(text).toMatch(/^Then: docs\/handbook.md, the section of `[\w-]+`$/m);
        expect(text).toContain(
          `https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#dashboards/dashboard/ndjson-parquet-state-management-${environment}`,
        );
        // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
        expect(text.length).toBeLessThanOrEqual(1_024);
      }
    }
  });

  test('reach the address that the settings name', () => {
    expect(onlyOf(dev, 'AWS::SNS::Subscription')).toMatchObject({
      Protocol: 'email',
      Endpoint: 'ops@example.com',
    });
    expect(propertiesOf(prod, 'AWS::SNS::Subscription')).toEqual([]);
  });

  test('notify an existing topic if the settings name one', () => {
    const alarmTopicArn = 'arn:aws:sns:us-east-1:000000000000:the-pager';
    const { templates, remove } = synthesizeQuickly({ ...environmentSettings('prod', {}), alarmTopicArn });
    remove();
    const [template] = templates as [TemplateJson];
    expect(propertiesOf(template, 'AWS::SNS::Topic')).toEqual([]);
    for (const { AlarmActions } of alarms(template)) expect(AlarmActions).toEqual([alarmTopicArn]);
    expect(onlyOf(template, 'AWS::Events::Rule').Targets).toMatchObject([{ Arn: alarmTopicArn }]);
  });

  test.each([
    ['nobody is told', {}, 1],
    ['a mailbox is', { alarmEmails: ['ops@example.com'] }, 0],
    ['a topic is', { alarmTopicArn: 'arn:aws:sns:us-east-1:000000000000:the-pager' }, 0],
  ])('warn at a deployment when %s', (_, listener, warnings) => {
    const app = new App({ context: { environment: 'dev' } });
    const settings = { ...environmentSettings('dev', {}), ...listener };
    const [stage] = stateManager(app, [settings], inject('bundleFolder'));
    const found = stage?.node.findAll().flatMap(({ node }) => node.metadata);
    expect(found?.filter(({ data }) => String(data).includes('alarms.emails'))).toHaveLength(warnings);
  });
});

test.each(FUNCTIONS.map(({ handler }) => handler))(
  'a failure of %s rings, by its own alarm or by what it did not do',
  (handler) => {
    const ends = alarms(prod).map(({ AlarmName }) => String(AlarmName).split('-prod-')[1]);
    const told = {
      'stream-consumer': ['consumer-errors', 'iterator-age'],
      'consistency-audit': ['audit-failed', 'audit-missed'],
      'projection-rebuild': ['rebuild-failed'],
      'stats-publisher': ['stats-missed'],
      watchdog: ['blind'],
      'orphan-sweep': ['sweep-failed', 'orphan-sweep-missed'],
      operations: ['operations-errors'],
      'operations-read': ['operations-read-errors'],
      'dashboard-widget': ['dashboard-widget-errors'],
      // Only where there is a bus: outlet.test.ts.
      outlet: [],
    };
    expect(ends).toEqual(expect.arrayContaining(told[handler]));
  },
);

test('an alarm that stays as it is in silence looks at no metric that is silent while all is well', () => {
  const silent = Object.values(METRICS).flatMap((metrics) =>
    Object.entries<MetricForm>(metrics).flatMap(([name, { ifAny }]) => (ifAny ? [name] : [])),
  );
  expect(silent).toContain('DeadLetters');
  const staying = alarms(prod).filter(({ TreatMissingData }) => TreatMissingData === 'ignore');
  expect(staying.map(({ MetricName }) => MetricName)).toContain('OrphansInFlight');
  for (const { MetricName } of staying) expect(silent).not.toContain(MetricName);
});

test('every kind of orphan is covered by one alarm', () => {
  const texts = ['orphans-in-flight', 'orphans-completed'].map((name) =>
    deployedValue(alarmOf(prod, name).AlarmDescription, prod),
  );
  for (const kind of ORPHAN_KINDS) expect(texts.filter((text) => text.includes(kind))).toHaveLength(1);
});

describe('scheduled tasks', () => {
  test('that fail once raise no alarm, because they are retried: only those that are not done in the end do', () => {
    expect(alarms(prod).some(({ MetricName }) => MetricName === 'AsyncEventsDropped')).toBe(false);
    expect(alarmOf(prod, 'sweep-failed')).toMatchObject({ MetricName: 'ExecutionsFailed', Threshold: 0 });
    // People wait for its answer.
    expect(alarmOf(prod, 'operations-errors')).toMatchObject({ MetricName: 'Errors' });
  });

  test('that are missed raise an alarm on their age, which grows from the deployment on', () => {
    const missed = propertiesOf(prod, 'AWS::CloudWatch::Alarm').filter(({ AlarmName }) =>
      String(AlarmName).endsWith('-missed'),
    );
    expect(missed).toHaveLength(3);
    for (const alarm of missed) {
      // There is no number of a task that is in time, and a new alarm must not take silence for a fault.
      expect(alarm).toMatchObject({ MetricName: 'TaskAge', TreatMissingData: 'notBreaching' });
      expect(alarm).not.toHaveProperty('InsufficientDataActions');
    }
  });

  test('count as missed when two turns have not ended, for the page and for the alarms', () => {
    for (const [task, hours] of [
      ['orphan-sweep', 13],
      ['stats', 3],
      ['audit', 49],
    ] as const) {
      expect(alarmOf(prod, `${task}-missed`)).toMatchObject({
        Threshold: hours * 3_600,
        EvaluationPeriods: 1,
      });
    }
    expect(missedAfterHours('sweep')).toBe(13);
    expect(missedAfterHours('audit')).toBe(49);
  });
});

test('a deployment says where its dashboard is, where alarms go, what can be started, and where failures are kept', () => {
  const outputs = Object.values(prod.Outputs ?? {}).map(({ Value }) => deployedValue(Value, prod));
  expect(outputs).toContainEqual(expect.stringMatching(/^https:.*#dashboards\/dashboard\/.*-prod$/));
  expect(outputs).toContainEqual(expect.stringContaining('AlarmTopic'));
  for (const { FunctionName } of propertiesOf(prod, 'AWS::Lambda::Function'))
    expect(outputs).toContain(FunctionName);
  const arns = Object.values(prod.Outputs ?? {}).map(({ Value }) => JSON.stringify(Value));
  for (const [id] of resourcesOf(prod, 'AWS::StepFunctions::StateMachine'))
    expect(arns).toContain(JSON.stringify({ Ref: id }));
  for (const [id] of resourcesOf(prod, 'AWS::SQS::Queue'))
    expect(arns).toContain(JSON.stringify({ Ref: id }));
  expect(outputs).toContain(onlyOf(prod, 'AWS::S3::Bucket').BucketName);
});
