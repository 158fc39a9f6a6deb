import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { dashboardUrl } from './dashboard.ts';
import type { EnvironmentSettings } from './settings.ts';

/** When an alarm goes off, and what to look at first. */
export interface AlarmDefinition {
  /** The end of the alarm's name, with hyphens. */
  readonly name: string;
  /** What is wrong, and the first step, for the person on call. */
  readonly description: string;
  /** The runbook that shows more, with its flags except `--env`, such as `files.ts --status failed`. */
  readonly runbook: string;
  readonly metric: IMetric;
  /** The alarm goes off at values `above` this, or `below` it. */
  readonly when: { readonly above: number } | { readonly below: number };
  /** How many of the last periods must be out of bounds; 1 of 1 by default. */
  readonly of?: { readonly bad: number; readonly periods: number };
  /**
   * What it means when nothing is published: that nothing happened (`good`, the default), that the state stays as it is
   * until the next value (`unchanged`), or that something has stopped, which is an alarm (`told`). Every alarm starts in
   * the state INSUFFICIENT_DATA, so going back to it is an end, never a beginning.
   */
  readonly silence?: keyof typeof SILENCE;
}

const SILENCE = {
  good: TreatMissingData.NOT_BREACHING,
  unchanged: TreatMissingData.IGNORE,
  told: TreatMissingData.MISSING,
} as const;

/**
 * Creates alarms that notify the topic. None of them reports its own end: a new alarm also goes to OK, so each first
 * deployment would begin with a message from every alarm. `createAlarmTopic` reports the ends.
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

/** CloudWatch puts it into the message, next to the values that crossed the threshold and their times. */
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
