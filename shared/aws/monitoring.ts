import {
  CloudWatchClient,
  GetMetricStatisticsCommand,
  paginateDescribeAlarms,
} from '@aws-sdk/client-cloudwatch';
import { clientSettings } from './client-settings.ts';
import type { Variables } from './process-environment.ts';

/** A CloudWatch alarm. */
export interface Alarm {
  readonly name: string;
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** Whether numbers that it tells of when they stop do not come: what should publish them is silent. */
  readonly silent: boolean;
}

/** What CloudWatch tells of a deployment. */
export interface Monitoring {
  readonly alarms: readonly Alarm[];
  /** How old the records were that the consumer read last, in seconds; undefined when it read none lately. */
  readonly iterator_age_seconds: number | undefined;
}

const WINDOW_MILLIS = 15 * 60_000;

export function cloudWatch(variables: Variables): CloudWatchClient {
  return new CloudWatchClient({
    ...clientSettings(variables, 'CLOUDWATCH'),
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  });
}

/**
 * @param names the deployment's consumer function, and what its alarms' names begin with
 * @param now milliseconds since the epoch
 */
export async function readMonitoring(
  client: CloudWatchClient,
  names: { readonly consumerFunction: string; readonly alarmPrefix: string },
  now: number,
): Promise<Monitoring> {
  const [alarms, iterator_age_seconds] = await Promise.all([
    readAlarms(client, names.alarmPrefix),
    readIteratorAge(client, names.consumerFunction, now),
  ]);
  return { alarms, iterator_age_seconds };
}

async function readAlarms(client: CloudWatchClient, prefix: string): Promise<Alarm[]> {
  const alarms: Alarm[] = [];
  const request = {
    AlarmNamePrefix: prefix,
    AlarmTypes: ['MetricAlarm' as const, 'CompositeAlarm' as const],
  };
  for await (const { MetricAlarms = [], CompositeAlarms = [] } of paginateDescribeAlarms(
    { client },
    request,
  )) {
    for (const alarm of [...MetricAlarms, ...CompositeAlarms]) {
      const { AlarmName: name = '', StateValue: state = 'INSUFFICIENT_DATA' } = alarm;
      const { InsufficientDataActions: told = [] } = alarm;
      alarms.push({ name, state, silent: state === 'INSUFFICIENT_DATA' && told.length > 0 });
    }
  }
  return alarms;
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
