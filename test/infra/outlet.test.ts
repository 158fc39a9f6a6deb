import { afterAll, describe, expect, test } from 'vitest';
import { type EnvironmentSettings, environmentSettings } from '../../infra/settings.ts';
import { deployed, propertiesOf } from '../support/deployed-templates.ts';
import { functionsOf } from '../support/policies.ts';
import { type Synthesized, synthesize } from '../support/synthesized.ts';
import { eventBusArn, type TemplateJson } from '../support/template-values.ts';

const withBus = (create: boolean, changed: Partial<EnvironmentSettings> = {}) => ({
  ...environmentSettings('dev', {}),
  ...changed,
  outlet: { bus: 'file-pipeline', create },
});
const made: Synthesized[] = [];
const templateOf = (settings: EnvironmentSettings): TemplateJson => {
  const synthesized = synthesize(settings);
  made.push(synthesized);
  const [template] = synthesized.templates;
  if (!template) throw new Error('Nothing was synthesized.');
  return template;
};

afterAll(() => {
  for (const synthesized of made) synthesized.remove();
});

test('without a bus there is no outlet, in any environment', () => {
  for (const environment of ['dev', 'prod'] as const) {
    const { template } = deployed(environment);
    expect(JSON.stringify(template)).not.toMatch(/PutEvents|EVENT_BUS|outlet/i);
    expect(propertiesOf(template, 'AWS::Events::EventBus')).toEqual([]);
  }
});

describe.each([true, false])('with a bus that is to be created: %s', (create) => {
  const template = templateOf(withBus(create));
  const outlet = functionsOf(template).find(({ name }) => name.endsWith('-outlet-dev'));

  test('it is in the template where it is to be created, and only there', () => {
    const names = propertiesOf(template, 'AWS::Events::EventBus').map(({ Name }) => Name);
    expect(names).toEqual(create ? ['file-pipeline'] : []);
  });

  test('the outlet is told its name, and may put events there, and nowhere else', () => {
    expect(outlet?.environment.EVENT_BUS).toBe('file-pipeline');
    const putting = outlet?.permissions.filter(({ action }) => action === 'events:PutEvents');
    expect(putting?.map(({ resource }) => resource)).toEqual([eventBusArn('file-pipeline')]);
    const others = functionsOf(template).filter(({ name }) => name !== outlet?.name);
    expect(JSON.stringify(others)).not.toContain('events:PutEvents');
  });

  test('it runs every minute, also where sweeps and audits do not', () => {
    const schedules = propertiesOf(template, 'AWS::Scheduler::Schedule');
    expect(schedules.map(({ Name, ScheduleExpression }) => [Name, ScheduleExpression])).toEqual([
      ['ndjson-parquet-state-management-outlet-dev', 'rate(1 minute)'],
    ]);
  });

  test('a start that had to wait is dropped, since the next one does the same', () => {
    const age = (template: TemplateJson) =>
      propertiesOf(template, 'AWS::Lambda::EventInvokeConfig').map(
        ({ MaximumEventAgeInSeconds, MaximumRetryAttempts }) => [
          MaximumEventAgeInSeconds,
          MaximumRetryAttempts,
        ],
      );
    expect(age(template)).toEqual([
      [120, 0],
      [120, 0],
    ]);
    expect(age(deployed('prod').template)).toEqual([[120, 0]]);
  });

  test('its failure rings', () => {
    const names = propertiesOf(template, 'AWS::CloudWatch::Alarm').map(({ AlarmName }) => String(AlarmName));
    expect(names.filter((name) => name.endsWith('outlet-errors'))).toHaveLength(1);
  });
});

describe('where data is kept', () => {
  const template = templateOf({ ...withBus(true), keepData: true });

  test('the bus stays, because others have rules on it', () => {
    expect(
      Object.values(template.Resources).find(({ Type }) => Type === 'AWS::Events::EventBus'),
    ).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test('only the log of the outlet goes with its function, so that the setting can be made again', () => {
    const logs = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Logs::LogGroup');
    const going = logs.filter(({ DeletionPolicy }) => DeletionPolicy === 'Delete');
    expect(going.map(({ Properties }) => Properties?.LogGroupName)).toEqual([
      expect.stringMatching(/-outlet-dev$/),
    ]);
    expect(logs.length).toBeGreaterThan(5);
  });
});
