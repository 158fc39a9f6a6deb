import { Duration } from 'aws-cdk-lib';
import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { AlarmDefinition } from './alarm.ts';
import { type Functions, functionEntries } from './functions.ts';

const period = Duration.minutes(5);

/** What tells that a function fails, or is asked more than it is allowed to do. */
export function functionAlarms(functions: Functions): AlarmDefinition[] {
  const { 'stream-consumer': _hasItsOwn, ...others } = functions;
  return [
    ...functionEntries(others).map(([handler, { fn }]) => ({
      name: `${handler}-errors`,
      description: `The function of handlers/${handler}.ts has failed. Its log says why.`,
      metric: fn.metricErrors({ period }),
      when: { above: 0 },
    })),
    ...functionEntries(functions).map(([handler, { fn }]) => ({
      name: `${handler}-throttles`,
      description: `Lambda refuses to run handlers/${handler}.ts: the account's concurrency is used up.`,
      metric: fn.metricThrottles({ period }),
      when: { above: 0 },
      of: { bad: 3, periods: 3 },
    })),
  ];
}

/** What tells that an audit or a rebuild did not do all of its units. */
export function runAlarms(machines: Readonly<Record<string, StateMachine>>): AlarmDefinition[] {
  return Object.entries(machines).map(([name, machine]) => ({
    name: `${name}-failed`,
    description: `A run of the state machine "${name}" did not do all of its units. Its execution names those that failed; start it again.`,
    metric: machine.metricFailed({ period }),
    when: { above: 0 },
  }));
}

/** What tells that the projection table is asked more than it is allowed to do. */
export function tableAlarm(table: TableV2): AlarmDefinition {
  const dimensionsMap = { TableName: table.tableName };
  return {
    name: 'table-throttles',
    description:
      "The projection table throttles. One date may be too hot, or the account's limit is reached; the consumer waits and goes on.",
    metric: new MathExpression({
      expression: 'FILL(reads, 0) + FILL(writes, 0)',
      label: 'throttled requests',
      usingMetrics: {
        reads: table.metric('ReadThrottleEvents', { dimensionsMap, statistic: 'Sum', period }),
        writes: table.metric('WriteThrottleEvents', { dimensionsMap, statistic: 'Sum', period }),
      },
      period,
    }),
    when: { above: 0 },
    of: { bad: 3, periods: 3 },
  };
}
