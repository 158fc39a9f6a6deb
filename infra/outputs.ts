import { CfnOutput } from 'aws-cdk-lib';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { dashboardUrl } from './dashboard.ts';
import type { Functions } from './functions/function.ts';

/** What people name in commands of their own. */
interface Named {
  readonly topic: ITopic;
  readonly functions: Functions;
  /** By what they are called, without prefix and environment. */
  readonly machines: Readonly<Record<string, StateMachine>>;
  readonly deadLetters: Bucket;
  /** There is none without schedules. */
  readonly failedStarts: Queue | undefined;
}

/** What a deployment prints at its end: where to look, whom alarms tell, what can be started, and where failures lie. */
export function createOutputs(
  scope: Construct,
  dashboard: string,
  { topic, functions, machines, deadLetters, failedStarts }: Named,
): void {
  new CfnOutput(scope, 'DashboardUrl', { value: dashboardUrl(scope, dashboard) });
  new CfnOutput(scope, 'AlarmTopicArn', {
    value: topic.topicArn,
    description: 'Subscribe to it to be told of alarms',
  });
  for (const [handler, { fn }] of Object.entries(functions)) {
    new CfnOutput(scope, `Function-${handler}`, { value: fn.functionName });
  }
  for (const [name, { stateMachineArn }] of Object.entries(machines)) {
    new CfnOutput(scope, `StateMachineArn-${name}`, { value: stateMachineArn });
  }
  new CfnOutput(scope, 'DeadLetterBucketName', { value: deadLetters.bucketName });
  if (failedStarts)
    new CfnOutput(scope, 'FailedStartsQueueUrl', {
      value: failedStarts.queueUrl,
      description: 'Its messages say why a scheduled task could not be started',
    });
}
