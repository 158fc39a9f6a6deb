import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { vi } from 'vitest';

/** Answers of services, by the name of the call; an error is thrown. Shapes are those of the API references. */
export type Answers = Readonly<Record<string, (input: Readonly<Record<string, unknown>>) => object>>;

/** Services that do not exist on this machine. */
const CLIENTS = [
  CloudFormationClient,
  CloudWatchClient,
  CloudWatchLogsClient,
  LambdaClient,
  SchedulerClient,
  SNSClient,
  SSMClient,
  STSClient,
];

/**
 * Lets every client of a service that does not exist on this machine answer like this, until mocks are restored. A call
 * without an answer fails as if it was not allowed.
 *
 * @returns the names of the calls, in order
 */
export function answerAs(answers: Answers): string[] {
  const calls: string[] = [];
  for (const { prototype } of CLIENTS) {
    vi.spyOn(prototype as { send(command: object): Promise<object> }, 'send').mockImplementation(
      async (command) => {
        const name = command.constructor.name.replace(/Command$/, '');
        calls.push(name);
        const { input = {} } = command as { input?: Record<string, unknown> };
        const answer =
          answers[name]?.(input) ?? serviceError('AccessDeniedException', `not authorized: ${name}`);
        if (answer instanceof Error) throw answer;
        return answer;
      },
    );
  }
  return calls;
}

export function serviceError(name: string, message = name): Error {
  return Object.assign(new Error(message), { name });
}
