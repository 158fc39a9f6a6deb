import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { EnvironmentSettings } from './settings.ts';

/** Whom alarms tell: subscribe a pager, a chat, a mailbox. Only the alarms of this account publish to it. */
export function alarmTopic(scope: Construct, { names, alarmEmail }: EnvironmentSettings): Topic {
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
  if (alarmEmail) topic.addSubscription(new EmailSubscription(alarmEmail));
  return topic;
}
