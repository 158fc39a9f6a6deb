import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { dashboardUrl } from './dashboard.ts';
import type { EnvironmentSettings } from './settings.ts';

/** When somebody is told, and what to look at first. */
export interface AlarmDefinition {
  /** The end of the alarm's name, with hyphens. */
  readonly name: string;
  /** What is wrong and the first step, for the person who is woken. */
  readonly description: string;
  /** The runbook that shows more, with its flags but `--env`; such as `files.ts --status failed`. */
  readonly runbook: string;
  readonly metric: IMetric;
  /** `above` is crossed by more than it, `below` by less. */
  readonly when: { readonly above: number } | { readonly below: number };
  /** How many of the last periods must be out of bounds; 1 of 1 without. */
  readonly of?: { readonly bad: number; readonly periods: number };
  /**
   * What it means when nothing is published: that nothing went on (`good`, which is the default), nothing at all
   * until the next number comes (`unchanged`), or that something has stopped that had begun (`told`). Every alarm
   * begins in the state INSUFFICIENT_DATA, so going there tells of an end and never of a beginning.
   */
  readonly silence?: keyof typeof SILENCE;
}

const SILENCE = {
  good: TreatMissingData.NOT_BREACHING,
  unchanged: TreatMissingData.IGNORE,
  told: TreatMissingData.MISSING,
} as const;

/**
 * Creates alarms that tell the topic. None of them tells of its end: also a new alarm goes to OK, and each
 * deployment would begin with a message from every one. `createAlarmTopic` tells of the ends.
 */
export function createAlarms(
  scope: Construct,
  settings: EnvironmentSettings,
  topic: ITopic,
  definitions: readonly AlarmDefinition[],
): Alarm[] {
  return definitions.map((definition) => {
    const alarm = createAlarm(scope, settings, definition);
    alarm.addAlarmAction(new SnsAction(topic));
    if (definition.silence === 'told') alarm.addInsufficientDataAction(new SnsAction(topic));
    return alarm;
  });
}

function createAlarm(scope: Construct, settings: EnvironmentSettings, definition: AlarmDefinition): Alarm {
  const { name, metric, when, of = { bad: 1, periods: 1 }, silence = 'good' } = definition;
  return new Alarm(scope, `Alarm-${name}`, {
    alarmName: `${settings.names.alarmPrefix}-${name}`,
    alarmDescription: messageOf(scope, settings, definition),
    metric,
    threshold: 'above' in when ? when.above : when.below,
    comparisonOperator:
      'above' in when ? ComparisonOperator.GREATER_THAN_THRESHOLD : ComparisonOperator.LESS_THAN_THRESHOLD,
    evaluationPeriods: of.periods,
    datapointsToAlarm: of.bad,
    treatMissingData: SILENCE[silence],
  });
}

/** CloudWatch puts it into the message, beside the numbers that crossed the threshold and their times. */
function messageOf(
  scope: Construct,
  { environment, names }: EnvironmentSettings,
  { name, description, runbook }: AlarmDefinition,
): string {
  return [
    description,
    `Run: npx tsx runbooks/${runbook} --env ${environment}`,
    `Then: docs/handbook.md, the section of \`${name}\``,
    `Dashboard: ${dashboardUrl(scope, names.alarmPrefix)}`,
  ].join('\n');
}
