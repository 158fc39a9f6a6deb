import { Duration, Validations } from 'aws-cdk-lib';
import { Role } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { EVERY_HOURS, missedAfterHours, type ScheduledJob } from '../shared/aws/schedule.ts';
import { grant, serviceOfThisAccount } from './access.ts';
import type { AlarmDefinition } from './alarms.ts';
import { ownMetric } from './functions/function.ts';

/** Something that starts at set times, in UTC, and how to know that it was done. */
export interface ScheduledTask {
  readonly id: string;
  /** Set if there should be an alarm when it is not done; the task then notes its ends. */
  readonly job?: ScheduledJob;
  readonly name: string;
  readonly expression: string;
  readonly targetArn: string;
  /** The one action by which the target is started. */
  readonly action: 'lambda:InvokeFunction' | 'states:StartExecution';
  readonly input: object;
}

/** How a task starts a function. */
export function invocationOf(fn: LambdaFunction) {
  return { targetArn: fn.functionArn, action: 'lambda:InvokeFunction', input: {} } as const;
}

const MAXIMUM_RETRIES = 3;
// If a sweep cannot be started for an hour, it is better to wait for the next one.
const MAXIMUM_EVENT_AGE_SECONDS = 3_600;

/**
 * Starts tasks at set times. A start that the service itself could not make, after retries, is put into a queue; a task
 * that was started and then failed reports it with its own metrics.
 *
 * @returns the queue of starts that failed
 */
export function scheduleTasks(scope: Construct, tasks: readonly ScheduledTask[]): Queue {
  const failedStarts = new Queue(scope, 'FailedStarts', {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  Validations.of(failedStarts).acknowledge({
    id: 'AwsSolutions-SQS3',
    reason: 'It is itself the dead-letter queue, that of the schedules.',
  });
  for (const task of tasks) schedule(scope, task, failedStarts);
  return failedStarts;
}

/** The alarm for starts that failed. */
export function failedStartsAlarm(failedStarts: Queue): AlarmDefinition {
  return {
    name: 'failed-starts',
    description: 'A scheduled task could not be started. The message in the queue of failed starts says why.',
    runbook: 'stats.ts',
    metric: failedStarts.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' }),
    when: { above: 0 },
  };
}

const SECONDS_PER_HOUR = 3_600;

/**
 * The alarms for tasks that no longer finish, whatever the reason. The watchdog counts from the deployment on, so a new
 * deployment has missed nothing. If the watchdog itself is silent, its own alarm says so. It publishes no value for a
 * task that is on time.
 */
export function missedTaskAlarms(environment: string, tasks: readonly ScheduledTask[]): AlarmDefinition[] {
  return tasks.flatMap(({ name, id, job }) => {
    if (!job) return [];
    const hours = missedAfterHours(job);
    return {
      name: `${kebabCase(id)}-missed`,
      description: `${name} has not finished for ${hours} hours, but should every ${EVERY_HOURS[job]}. Look at its errors, at how far it gets, and at the queue of failed starts.`,
      runbook: 'stats.ts',
      metric: ownMetric(environment, 'watchdog', 'TaskAge', { of: job, statistic: 'Maximum' }),
      when: { above: hours * SECONDS_PER_HOUR },
    };
  });
}

function kebabCase(id: string): string {
  return id.replace(/\B[A-Z]/g, '-$&').toLowerCase();
}

function schedule(scope: Construct, task: ScheduledTask, failedStarts: Queue): void {
  const role = new Role(scope, `${task.id}ScheduleRole`, {
    assumedBy: serviceOfThisAccount(scope, 'scheduler.amazonaws.com'),
  });
  grant(role, [
    { actions: [task.action], resources: [task.targetArn] },
    { actions: ['sqs:SendMessage'], resources: [failedStarts.queueArn] },
  ]);
  const created = new CfnSchedule(scope, `${task.id}Schedule`, {
    name: task.name,
    scheduleExpression: task.expression,
    scheduleExpressionTimezone: 'UTC',
    flexibleTimeWindow: { mode: 'OFF' },
    target: {
      arn: task.targetArn,
      roleArn: role.roleArn,
      input: JSON.stringify(task.input),
      deadLetterConfig: { arn: failedStarts.queueArn },
      retryPolicy: {
        maximumRetryAttempts: MAXIMUM_RETRIES,
        maximumEventAgeInSeconds: MAXIMUM_EVENT_AGE_SECONDS,
      },
    },
  });
  // The service tests the role when a schedule is created.
  created.node.addDependency(role);
}
