import { describe, expect, test } from 'vitest';
import { deployed, ENVIRONMENTS, resourcesOf } from '../../support/deployed-templates.ts';
import { permissionsOf } from '../../support/policies.ts';
import { allDependenciesOf } from '../../support/template-references.ts';
import { deployedValue } from '../../support/template-values.ts';

interface ScheduleProperties {
  readonly Name: string;
  readonly ScheduleExpression: string;
  readonly ScheduleExpressionTimezone: string;
  readonly FlexibleTimeWindow: { readonly Mode: string };
  readonly Target: {
    readonly Arn: unknown;
    readonly RoleArn: { readonly 'Fn::GetAtt': readonly [string, string] };
    readonly Input: string;
    readonly DeadLetterConfig: { readonly Arn: unknown };
    readonly RetryPolicy: {
      readonly MaximumRetryAttempts: number;
      readonly MaximumEventAgeInSeconds: number;
    };
  };
}

const MONTHS = 'JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC';
const DAYS = 'SUN|MON|TUE|WED|THU|FRI|SAT';

/** The six fields of a cron expression: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html */
const FIELDS = [
  /^(\*|[0-5]?\d([-/,][0-5]?\d)*)$/,
  /^(\*|([01]?\d|2[0-3])([-/,]([01]?\d|2[0-3]))*)$/,
  /^(\?|\*|L|(L-)?([1-9]|[12]\d|3[01])W?([-/,]([1-9]|[12]\d|3[01]))*)$/,
  new RegExp(`^(\\*|([1-9]|1[0-2]|${MONTHS})([-/,]([1-9]|1[0-2]|${MONTHS}))*)$`),
  new RegExp(`^(\\?|\\*|([1-7]|${DAYS})([-/,#]([1-7]|${DAYS}))*L?)$`),
  /^(\*|(19[7-9]\d|2[01]\d\d)([-/,]\d+)*)$/,
];

describe.each(ENVIRONMENTS)('every schedule of %s', (environment) => {
  const { template } = deployed(environment);
  const schedules = resourcesOf(template, 'AWS::Scheduler::Schedule').map(
    ([id, properties]) => [id, properties as unknown as ScheduleProperties] as const,
  );

  test('has a time that the scheduler can read', () => {
    for (const [id, { ScheduleExpression, ScheduleExpressionTimezone, FlexibleTimeWindow }] of schedules) {
      expect(ScheduleExpressionTimezone).toBe('UTC');
      expect(FlexibleTimeWindow.Mode).toBe('OFF');
      if (/^rate\([1-9]\d* (minute|hour|day)s?\)$/.test(ScheduleExpression)) continue;
      const fields = /^cron\((.*)\)$/.exec(ScheduleExpression)?.[1]?.split(' ') ?? [];
      expect(fields, id).toHaveLength(FIELDS.length);
      for (const [at, field] of fields.entries())
        expect(field, ScheduleExpression).toMatch(FIELDS[at] ?? /^$/);
      // A day of the month and a day of the week cannot both be asked for.
      expect(
        [fields[2], fields[4]].filter((day) => day === '?'),
        id,
      ).toHaveLength(1);
    }
  });

  test('has an input that is JSON, and retries within the limits', () => {
    for (const [id, { Target }] of schedules) {
      expect(() => JSON.parse(deployedValue(Target.Input, template)), id).not.toThrow();
      const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = Target.RetryPolicy;
      expect(MaximumRetryAttempts).toBeLessThanOrEqual(185);
      expect(MaximumEventAgeInSeconds).toBeGreaterThanOrEqual(60);
      expect(MaximumEventAgeInSeconds).toBeLessThanOrEqual(86_400);
    }
  });

  // "The execution role you provide must allow AWS EventBridge Scheduler to assume the role": tried at creation.
  // https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html
  test('has a role that may start its target and fill its queue, and is created after both', () => {
    for (const [id, { Target }] of schedules) {
      const allowed = permissionsOf(Target.RoleArn['Fn::GetAtt'][0], template);
      const target = deployedValue(Target.Arn, template);
      const action = target.includes(':lambda:') ? 'lambda:InvokeFunction' : 'states:StartExecution';
      expect(allowed.map((permission) => permission.action).sort(), id).toEqual(
        [action, 'sqs:SendMessage'].sort(),
      );
      expect(allowed, id).toContainEqual({ action, resource: target });
      const before = [...allDependenciesOf(id, template)].map((needed) => template.Resources[needed]?.Type);
      expect(before, id).toContain('AWS::IAM::Policy');
    }
  });
});
