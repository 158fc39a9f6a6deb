import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/** When somebody is told, and what to look at first. */
export interface AlarmDefinition {
  /** The end of the alarm's name, with hyphens. */
  readonly name: string;
  /** What is wrong and the first step, for the person who is woken. */
  readonly description: string;
  readonly metric: IMetric;
  /** `above` is crossed by more than it, `below` by less. */
  readonly when: { readonly above: number } | { readonly below: number };
  /** How many of the last periods must be out of bounds; 1 of 1 without. */
  readonly of?: { readonly bad: number; readonly periods: number };
  /**
   * What it means when nothing is published: that nothing went on (`good`, which is the default), that
   * something is missing (`bad`), or nothing at all until the next number comes (`unchanged`).
   */
  readonly silence?: keyof typeof SILENCE;
}

const SILENCE = {
  good: TreatMissingData.NOT_BREACHING,
  bad: TreatMissingData.BREACHING,
  unchanged: TreatMissingData.IGNORE,
} as const;

/** @param prefix what the names of all alarms of the deployment begin with */
export function createAlarms(
  scope: Construct,
  prefix: string,
  topic: Topic,
  definitions: readonly AlarmDefinition[],
): Alarm[] {
  return definitions.map((definition) => {
    const alarm = createAlarm(scope, prefix, definition);
    alarm.addAlarmAction(new SnsAction(topic));
    alarm.addOkAction(new SnsAction(topic));
    return alarm;
  });
}

function createAlarm(
  scope: Construct,
  prefix: string,
  { name, description, metric, when, of = { bad: 1, periods: 1 }, silence = 'good' }: AlarmDefinition,
): Alarm {
  return new Alarm(scope, `Alarm-${name}`, {
    alarmName: `${prefix}-${name}`,
    alarmDescription: description,
    metric,
    threshold: 'above' in when ? when.above : when.below,
    comparisonOperator:
      'above' in when ? ComparisonOperator.GREATER_THAN_THRESHOLD : ComparisonOperator.LESS_THAN_THRESHOLD,
    evaluationPeriods: of.periods,
    datapointsToAlarm: of.bad,
    treatMissingData: SILENCE[silence],
  });
}
