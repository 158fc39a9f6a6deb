import { Duration } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { FunctionName } from '../../shared/aws/deployment-names.ts';
import type { AlarmDefinition } from '../alarms.ts';
import type { DashboardGraph } from '../dashboard.ts';
import type { DeployedFunction, Functions } from './function.ts';

const period = Duration.minutes(5);

/** The alarms for functions that fail or are throttled. */
export function functionAlarms(functions: Functions): AlarmDefinition[] {
  const { 'stream-consumer': consumer, ...others } = functions;
  return [
    ...entries(others)
      .filter(([handler]) => !TOLD_OTHERWISE.includes(handler))
      .map(([handler, { fn }]) => ({
        name: `${handler}-errors`,
        runbook: 'watch.ts',
        when: { above: 0 },
        ...failed(handler, fn),
      })),
    ...(consumer ? [throttlesAlarm(consumer)] : []),
  ];
}

/**
 * Functions whose failures raise another alarm: a run that did not finish all of its units has failed; a scheduled
 * function that Lambda gives up on after two more attempts is missed; and a silent watchdog is reported immediately.
 */
const TOLD_OTHERWISE: readonly string[] = [
  'consistency-audit',
  'orphan-sweep',
  'projection-rebuild',
  'stats-publisher',
  'watchdog',
] satisfies FunctionName[];

/**
 * All functions share the account's concurrency; none has reserved concurrency. The consumer runs all the time, so it
 * notices first that it is used up. Other alarms report what the other functions did not do because of it.
 */
function throttlesAlarm({ fn }: DeployedFunction): AlarmDefinition {
  return {
    name: 'throttles',
    description:
      "Lambda refuses to run the stream consumer: the account's concurrency is used up, so the other functions cannot run either.",
    runbook: 'watch.ts',
    metric: fn.metricThrottles({ period }),
    when: { above: 0 },
    of: { bad: 3, periods: 3 },
  };
}

function failed(handler: string, fn: LambdaFunction) {
  return {
    description: `The function of handlers/${handler}.ts has failed. Its log says why.`,
    metric: fn.metricErrors({ period }),
  };
}

/** What functions cost money for. */
export function functionGraphs(functions: Functions): DashboardGraph[] {
  return [
    {
      title: 'Running time',
      metrics: entries(functions).map(([handler, { fn }]) =>
        fn.metricDuration({ statistic: 'Sum', period, label: handler }),
      ),
      unit: 'milliseconds',
      stacked: true,
    },
    {
      title: 'Invocations',
      metrics: entries(functions).map(([handler, { fn }]) =>
        fn.metricInvocations({ period, label: handler }),
      ),
      stacked: true,
    },
  ];
}

function entries(functions: Functions): [string, DeployedFunction][] {
  return Object.entries(functions);
}
