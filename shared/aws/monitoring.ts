import {
  CloudWatchClient,
  type CompositeAlarm,
  GetMetricStatisticsCommand,
  type MetricAlarm,
  paginateDescribeAlarms,
} from '@aws-sdk/client-cloudwatch';
import { clientSettings } from './client-settings.ts';
import type { Variables } from './process-environment.ts';

/** A CloudWatch alarm. */
export interface Alarm {
  readonly name: string;
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** Whether the alarm reports missing data, and data is missing: its publisher is silent. */
  readonly silent: boolean;
  /** Whether it is so new that the first data may still arrive. */
  readonly young: boolean;
}

/** What CloudWatch says about a deployment. */
export interface Monitoring {
  readonly alarms: readonly Alarm[];
  /** The age of the records that the consumer read last, in seconds; undefined when it read none recently. */
  readonly iterator_age_seconds: number | undefined;
}

const WINDOW_MILLIS = 15 * 60_000;
/** Their publisher runs every two minutes, and CloudWatch needs some more time to judge. */
const YOUNG_MILLIS = 15 * 60_000;

export function cloudWatch(variables: Variables): CloudWatchClient {
  return new CloudWatchClient({
    ...clientSettings(variables, 'CLOUDWATCH'),
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  });
}

/**
 * @param names the deployment's consumer function, and the prefix of its alarms' names, without its hyphen
 * @param now milliseconds since the epoch
 */
export async function readMonitoring(
  client: CloudWatchClient,
  names: { readonly consumerFunction: string; readonly alarmPrefix: string },
  now: number,
): Promise<Monitoring> {
  const [alarms, iterator_age_seconds] = await Promise.all([
    readAlarms(client, `${names.alarmPrefix}-`, now),
    readIteratorAge(client, names.consumerFunction, now),
  ]);
  return { alarms, iterator_age_seconds };
}

async function readAlarms(client: CloudWatchClient, prefix: string, now: number): Promise<Alarm[]> {
  const alarms: Alarm[] = [];
  const request = {
    AlarmNamePrefix: prefix,
    AlarmTypes: ['MetricAlarm' as const, 'CompositeAlarm' as const],
  };
  for await (const { MetricAlarms = [], CompositeAlarms = [] } of paginateDescribeAlarms(
    { client },
    request,
  )) {
    alarms.push(...[...MetricAlarms, ...CompositeAlarms].map((alarm) => alarmOf(alarm, now)));
  }
  return alarms;
}

function alarmOf(alarm: MetricAlarm | CompositeAlarm, now: number): Alarm {
  const { AlarmName: name = '', StateValue: state = 'INSUFFICIENT_DATA' } = alarm;
  const { InsufficientDataActions: told = [] } = alarm;
  const lacksNumbers = state === 'INSUFFICIENT_DATA' && told.length > 0;
  const young = lacksNumbers && now - createdAt(alarm) < YOUNG_MILLIS;
  return { name, state, silent: lacksNumbers && !young, young };
}

/**
 * CloudWatch does not say when an alarm was created. An alarm that just lost its data has an old configuration, one
 * that was just deployed again has an old state: only a new one has neither.
 */
function createdAt(alarm: MetricAlarm | CompositeAlarm): number {
  const { AlarmConfigurationUpdatedTimestamp: configured, StateUpdatedTimestamp: changed } = alarm;
  return Math.min(...[configured, changed].map((at) => at?.getTime() ?? Number.NEGATIVE_INFINITY));
}

/** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html: IteratorAge is in milliseconds. */
async function readIteratorAge(
  client: CloudWatchClient,
  functionName: string,
  now: number,
): Promise<number | undefined> {
  const { Datapoints = [] } = await client.send(
    new GetMetricStatisticsCommand({
      Namespace: 'AWS/Lambda',
      MetricName: 'IteratorAge',
      Dimensions: [{ Name: 'FunctionName', Value: functionName }],
      StartTime: new Date(now - WINDOW_MILLIS),
      EndTime: new Date(now),
      Period: 60,
      Statistics: ['Maximum'],
    }),
  );
  const [latest] = Datapoints.sort((a, b) => Number(b.Timestamp) - Number(a.Timestamp));
  return latest?.Maximum === undefined ? undefined : latest.Maximum / 1_000;
}
