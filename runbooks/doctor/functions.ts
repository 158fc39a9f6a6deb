import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { functionName } from '../../shared/aws/deployment-names.ts';
import { countOf, grouped } from '../../shared/text/number-text.ts';
import { cutTo } from '../../shared/text/visible-text.ts';
import type { Asked } from './asked.ts';
import { check, type Judgement } from './check.ts';
import { functionsOf, insteadOf, type Reading } from './reading.ts';

/** Whether every function exists and its last update succeeded. */
export const functions = check({
  name: 'functions',
  place: 'aws',
  deployed: true,
  permission: 'lambda:GetFunctionConfiguration',
  read: (reading) => reading.functions(),
  judge: judgeFunctions,
});

function judgeFunctions(
  found: ReadonlyMap<string, FunctionConfiguration>,
  { settings, deploy }: Asked,
): Judgement {
  const names = functionsOf(settings).map((name) => functionName(name, settings));
  const faults = names.flatMap((name) => faultOf(name, found.get(name)));
  if (faults.length === 0) return { level: 'ok', found: `${countOf(names.length, 'function')}, all active` };
  return { level: 'problem', found: faults.join('; '), remedy: { say: 'Deploy again.', run: deploy } };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html: an inactive one starts when it is invoked. */
function faultOf(name: string, config: FunctionConfiguration | undefined): string[] {
  if (!config) return [`${name} does not exist`];
  const { State, StateReason, LastUpdateStatus, LastUpdateStatusReason } = config;
  if (State === 'Failed') return [`${name} failed: ${StateReason}`];
  if (LastUpdateStatus === 'Failed') return [`the update of ${name} failed: ${LastUpdateStatusReason}`];
  return [];
}

const DAY_MILLIS = 86_400_000;

/** How often each function failed within the last day. */
export const errors = check({
  name: 'function errors',
  place: 'aws',
  deployed: true,
  permission: 'cloudwatch:GetMetricData',
  read: readErrors,
  judge: judgeErrors,
});

async function readErrors(reading: Reading, { settings, now }: Asked): Promise<ReadonlyMap<string, number>> {
  const { CloudWatchClient, GetMetricDataCommand } = await import('@aws-sdk/client-cloudwatch');
  const names = functionsOf(settings).map((name) => functionName(name, settings));
  const queries = names.map((Value, n) => ({
    Id: `errors${n}`,
    MetricStat: {
      Metric: {
        Namespace: 'AWS/Lambda',
        MetricName: 'Errors',
        Dimensions: [{ Name: 'FunctionName', Value }],
      },
      Period: 3_600,
      Stat: 'Sum',
    },
  }));
  const { MetricDataResults = [] } = await new CloudWatchClient(reading.client('CLOUDWATCH')).send(
    new GetMetricDataCommand({
      StartTime: new Date(now - DAY_MILLIS),
      EndTime: new Date(now),
      MetricDataQueries: queries,
    }),
  );
  const counts = MetricDataResults.map(({ Id, Values = [] }): [string, number] => [
    names[Number(Id?.slice('errors'.length))] ?? 'unknown',
    Values.reduce((sum, value) => sum + value, 0),
  ]);
  return new Map(counts);
}

export function judgeErrors(counts: ReadonlyMap<string, number>, { aws, now }: Asked): Judgement {
  const failing = [...counts].filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
  const [most] = failing;
  if (!most) return { level: 'ok', found: 'none in the last day' };
  const texts = failing.map(([name, count]) => `${name} ${grouped(count)}`);
  return {
    level: 'warning',
    found: `in the last day: ${texts.join('; ')}`,
    remedy: {
      say: 'The log shows why, and whether it still happens:',
      // Not `aws logs tail`, which version 1 of the AWS CLI does not have.
      run: aws(
        ...['logs', 'filter-log-events', '--log-group-name', `/aws/lambda/${most[0]}`],
        ...['--start-time', String(now - DAY_MILLIS), '--filter-pattern', '?ERROR ?"Task timed out"'],
      ),
    },
  };
}

/** The function that the pipeline had before this project. */
export const older = check({
  name: 'older State Manager',
  place: 'aws',
  permission: 'lambda:GetFunctionConfiguration',
  async read(reading, { environment, settings }) {
    const { GetFunctionConfigurationCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
    const FunctionName = `ndjson-parquet-state-management-${environment}`;
    if (FunctionName === settings.names.operationsFunction) return undefined;
    return new LambdaClient(reading.client('LAMBDA'))
      .send(new GetFunctionConfigurationCommand({ FunctionName }))
      .then(() => FunctionName)
      .catch((error: unknown) => insteadOf(error, /^ResourceNotFoundException/, undefined));
  },
  judge: judgeOlder,
});

function judgeOlder(name: string | undefined, { settings }: Asked): Judgement {
  if (name === undefined) return { level: 'ok', found: 'none found' };
  return {
    level: 'ok',
    found: `${name} exists and stays beside ${settings.names.operationsFunction}; docs/deploying.md says how to take over`,
  };
}

/** The function that operators call, on this machine: no service reports its state there, so it is called. */
export const localOperations = check({
  name: 'operations',
  place: 'local',
  permission: 'lambda:InvokeFunction',
  async read(reading, { settings }) {
    const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
    const FunctionName = settings.names.operationsFunction;
    const { FunctionError, Payload } = await new LambdaClient(reading.client('LAMBDA')).send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify({ operation: 'get_stats' }) }),
    );
    return {
      name: FunctionName,
      failed: FunctionError !== undefined,
      text: Payload?.transformToString() ?? '',
    };
  },
  judge: ({ name, failed, text }) =>
    failed
      ? { level: 'problem', found: `${name} fails: ${cutTo(text, 200)}`, remedy: LOCAL_LOG }
      : { level: 'ok', found: `${name} answers` },
});

const LOCAL_LOG = { say: 'Its log says why.', run: 'tail -n 20 .local/logs/operations.log' };
