import { CfnOutput } from 'aws-cdk-lib';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { dashboardUrl } from './dashboard.ts';
import type { Functions } from './functions/function.ts';

/** What people need the names of in their own commands. */
interface Named {
  readonly topic: ITopic;
  readonly functions: Functions;
  /** By name, without prefix and environment. */
  readonly machines: Readonly<Record<string, StateMachine>>;
  readonly deadLetters: Bucket;
  /** Undefined if nothing is started on a schedule. */
  readonly failedStarts: Queue | undefined;
}

/** What a deployment prints when it ends: where to look, where alarms go, what can be started, and where failures are kept. */
export function createOutputs(
  scope: Construct,
  dashboard: string,
  { topic, functions, machines, deadLetters, failedStarts }: Named,
): void {
  new CfnOutput(scope, 'DashboardUrl', { value: dashboardUrl(scope, dashboard) });
  new CfnOutput(scope, 'AlarmTopicArn', {
    value: topic.topicArn,
    description: 'Subscribe to this topic to receive alarms',
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
