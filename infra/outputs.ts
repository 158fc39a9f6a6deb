import { CfnOutput } from 'aws-cdk-lib';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { dashboardUrl } from './dashboard.ts';
import type { Functions } from './functions/function.ts';

/** What a deployment prints at its end: where to look, whom alarms tell, and what can be invoked. */
export function createOutputs(
  scope: Construct,
  dashboard: string,
  topic: ITopic,
  functions: Functions,
): void {
  new CfnOutput(scope, 'DashboardUrl', { value: dashboardUrl(scope, dashboard) });
  new CfnOutput(scope, 'AlarmTopicArn', {
    value: topic.topicArn,
    description: 'Subscribe to it to be told of alarms',
  });
  for (const [handler, { fn }] of Object.entries(functions)) {
    new CfnOutput(scope, `Function-${handler}`, { value: fn.functionName });
  }
}
