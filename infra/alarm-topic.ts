import { Stack, Validations } from 'aws-cdk-lib';
import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { serviceOfThisAccount } from './access.ts';
import type { EnvironmentSettings } from './settings.ts';

/**
 * The topic that receives alarms: the one that the settings name, or one of our own, to which a mailbox, a pager or a
 * chat can subscribe. It also gets a message when an alarm ends.
 */
export function createAlarmTopic(scope: Construct, settings: EnvironmentSettings): ITopic {
  const { names, alarmEmails, alarmTopicArn } = settings;
  const topic = alarmTopicArn
    ? Topic.fromTopicArn(scope, 'AlarmTopic', alarmTopicArn)
    : ownTopic(scope, names.alarmPrefix);
  for (const email of alarmEmails) topic.addSubscription(new EmailSubscription(email));
  if (alarmEmails.length === 0 && !alarmTopicArn) warnOfNobody(scope, topic, settings.environment);
  tellOfEnds(scope, topic, names.alarmPrefix);
  return topic;
}

/** Only the alarms of this account publish to it. */
function ownTopic(scope: Construct, prefix: string): Topic {
  const topic = new Topic(scope, 'AlarmTopic', { topicName: `${prefix}-alarms`, enforceSSL: true });
  topic.addToResourcePolicy(
    new PolicyStatement({
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
  );
  return topic;
}

/**
 * Sends a message when an alarm ends, and only then. An alarm's own OK action cannot do that: it runs whenever the state
 * becomes OK, and a new alarm gets there from INSUFFICIENT_DATA. The event names the previous state:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
 */
function tellOfEnds(scope: Construct, topic: ITopic, prefix: string): void {
  const field = (path: string) => EventField.fromPath(`$.detail.${path}`);
  const message = `The alarm ${field('alarmName')} ended at ${field('state.timestamp')}. It began at ${field('previousState.timestamp')}.`;
  // With a role of its own, because the policy of somebody else's topic cannot be changed from here.
  const role = new Role(scope, 'AlarmsOverRole', {
    assumedBy: serviceOfThisAccount(scope, 'events.amazonaws.com'),
  });
  new Rule(scope, 'AlarmsOver', {
    description: 'Sends a message when an alarm ends',
    eventPattern: {
      source: ['aws.cloudwatch'],
      detailType: ['CloudWatch Alarm State Change'],
      detail: {
        alarmName: [{ prefix: `${prefix}-` }],
        state: { value: ['OK'] },
        previousState: { value: ['ALARM'] },
      },
    },
    targets: [new SnsTopic(topic, { message: RuleTargetInput.fromText(message), role })],
  });
}

/**
 * Only when one environment is deployed or compared, which names it: `npm run synth` treats warnings as errors, and must
 * work without an account.
 */
function warnOfNobody(scope: Construct, topic: ITopic, environment: string): void {
  if (scope.node.tryGetContext('environment') === undefined) return;
  Validations.of(topic).addWarning(
    'state-manager:nobody-listens',
    `Nobody receives the alarms of ${environment}: set alarms.emails or alarms.topic_arn in settings.${environment}.json, or subscribe to the topic once it exists.`,
  );
}
