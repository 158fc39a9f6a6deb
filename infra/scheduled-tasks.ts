import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { partName } from '../shared/aws/deployment-names.ts';
import type { AlarmDefinition } from './alarm.ts';
import type { DeployedFunction, Functions } from './functions.ts';
import { ownMetric } from './metrics.ts';
import type { ScheduledTask } from './schedules.ts';

/** A task, and how one knows that it was done. */
export interface WatchedTask extends ScheduledTask {
  readonly everyHours: number;
  /** Above zero for an hour in which the task was done. */
  readonly successes: IMetric;
}

const period = Duration.hours(1);
// The nightly audit looks at what may still move; `{}` as its input looks at every date there is.
const AUDITED_DAYS = 8;

/** All that happens by itself, as far as its functions are deployed. */
export function scheduledTasks(
  environment: string,
  functions: Functions,
  { audit }: Readonly<Partial<Record<string, StateMachine>>>,
): WatchedTask[] {
  const { 'orphan-sweep': sweep, 'stats-publisher': stats } = functions;
  return [
    ...(sweep ? [sweepTask(partName('orphan-sweep', environment), environment, sweep)] : []),
    ...(stats ? [statsTask(partName('stats', environment), stats)] : []),
    ...(audit ? [auditTask(partName('audit', environment), audit)] : []),
  ];
}

/** Tells of tasks that are not done any more, whatever the reason; nothing else would notice silence. */
export function missedTaskAlarms(tasks: readonly WatchedTask[]): AlarmDefinition[] {
  return tasks.map(({ name, id, everyHours, successes }) => {
    const periods = everyHours + 2;
    return {
      name: `${kebabCase(id)}-missed`,
      description: `${name} came to no end for ${periods} hours, and should every ${everyHours}. Look at its errors, at how far it gets, and at the queue of failed starts.`,
      metric: successes,
      when: { below: 1 },
      of: { bad: periods, periods },
      silence: 'bad' as const,
    };
  });
}

/** A sweep that is cut off goes on with the next one, so it is the ends that count and not the invocations. */
function sweepTask(name: string, environment: string, { fn }: DeployedFunction): WatchedTask {
  return {
    ...invocationOf(fn),
    id: 'OrphanSweep',
    name,
    expression: 'cron(10 0/6 * * ? *)',
    everyHours: 6,
    successes: ownMetric(environment, 'orphan-sweep', 'SweepsCompleted', { period }),
  };
}

function statsTask(name: string, { fn }: DeployedFunction): WatchedTask {
  return {
    ...invocationOf(fn),
    id: 'Stats',
    name,
    expression: 'cron(5 * * * ? *)',
    everyHours: 1,
    successes: new MathExpression({
      expression: 'invocations - FILL(errors, 0)',
      label: 'successes',
      usingMetrics: { invocations: fn.metricInvocations({ period }), errors: fn.metricErrors({ period }) },
      period,
    }),
  };
}

function invocationOf(fn: LambdaFunction) {
  return { targetArn: fn.functionArn, action: 'lambda:InvokeFunction', input: {} } as const;
}

function auditTask(name: string, audit: StateMachine): WatchedTask {
  return {
    id: 'Audit',
    name,
    expression: 'cron(30 3 * * ? *)',
    everyHours: 24,
    targetArn: audit.stateMachineArn,
    action: 'states:StartExecution',
    input: { days: AUDITED_DAYS },
    successes: audit.metricSucceeded({ period }),
  };
}

function kebabCase(id: string): string {
  return id.replace(/\B[A-Z]/g, '-$&').toLowerCase();
}
