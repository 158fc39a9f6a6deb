import { Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { EnvironmentSettings } from './settings.ts';

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

/** Creates alarms that tell the environment's topic, also when all is well again. */
export function createAlarms(
  scope: Construct,
  settings: EnvironmentSettings,
  definitions: readonly AlarmDefinition[],
): Alarm[] {
  const topic = alarmTopic(scope, settings);
  return definitions.map((definition) => {
    const alarm = createAlarm(scope, settings.names.alarmPrefix, definition);
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

/** Whom alarms tell: subscribe a pager, a chat, a mailbox. Only the alarms of this account publish to it. */
function alarmTopic(scope: Construct, { names, alarmEmails }: EnvironmentSettings): Topic {
  const topic = new Topic(scope, 'AlarmTopic', {
    topicName: `${names.alarmPrefix}-alarms`,
    enforceSSL: true,
  });
  topic.addToResourcePolicy(
    new PolicyStatement({
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
  );
  for (const email of alarmEmails) topic.addSubscription(new EmailSubscription(email));
  return topic;
}
