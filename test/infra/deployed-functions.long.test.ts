/** @module-tag long */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { functionsOf as functionsFor } from '../../infra/functions/all.ts';
import { type FunctionName, functionName } from '../../shared/aws/deployment-names.ts';
import { METRICS, type MetricForm } from '../../shared/metrics/names.ts';
import type { Call } from '../support/aws-calls.ts';
import { bundledHandler } from '../support/bundles.ts';
import { deployedSettings, startDeployedFunction } from '../support/deployed-function.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { publishedMetrics, watchedMetrics } from '../support/metric-names.ts';
import { functionsOf, isAllowedBy, type Permission, type TemplateFunction } from '../support/policies.ts';
import { recordCalls } from '../support/recorded-calls.ts';
import { SCENARIOS } from '../support/scenarios.ts';
import { type Synthesized, synthesizeQuickly } from '../support/synthesized.ts';

/** What Lambda and not the handler does in a function's name. */
const OF_LAMBDA_ITSELF = [
  /^logs:(CreateLogStream|PutLogEvents) /,
  /^dynamodb:(DescribeStream|GetRecords|GetShardIterator|ListStreams) \S+\/stream\//,
];

const OUTLET = { bus: 'notices', create: true };

let aws: LocalAws;
let synthesized: Synthesized;
const published = new Set<string>();

beforeAll(async () => {
  aws = await localAws({ streamed: true });
  synthesized = synthesizeQuickly({ ...deployedSettings(aws), enableSchedules: true, outlet: OUTLET });
});

afterAll(() => synthesized.remove());

describe.each(functionsFor({ outlet: OUTLET }).map(({ handler }) => handler))('%s', (handler) => {
  let permissions: readonly Permission[];
  let calls: readonly Call[];

  beforeAll(async () => {
    const fn = functionIn(synthesized, handler);
    permissions = fn.permissions;
    calls = await runScenario(handler, fn);
  });

  test('is allowed every call that it makes', () => {
    expect(refusedCalls(calls, permissions)).toEqual([]);
  });

  test('is allowed nothing that it does not do', () => {
    expect(unusedPermissions(handler, calls, permissions)).toEqual([]);
  });
});

test.each(['plan', 'apply'] as const)(
  'a sweep whose policy says %s is allowed just what that needs',
  async (mode) => {
    const settings = deployedSettings(aws);
    const autoHeal = { mode, causes: ['manifest_missing' as const], max_changes: 10, max_share: 1 };
    const deployed = synthesizeQuickly({ ...settings, autoHeal });
    try {
      const fn = functionIn(deployed, 'orphan-sweep');
      const calls = await runScenario('orphan-sweep', fn);
      expect(refusedCalls(calls, fn.permissions)).toEqual([]);
      expect(unusedPermissions('orphan-sweep', calls, fn.permissions)).toEqual([]);
    } finally {
      deployed.remove();
    }
  },
  120_000,
);

test('every metric that an alarm or a graph looks at is published under just those dimensions', () => {
  const silent = synthesized.templates.flatMap(watchedMetrics).filter((metric) => !published.has(metric));
  expect(silent.filter((metric) => !isSeldom(metric))).toEqual([]);
});

/** Whether a metric, as `watchedMetrics` has it, is not published each time: only its declaration can be compared. */
function isSeldom(metric: string): boolean {
  const [, name = ''] = metric.split(' ');
  const [, service = ''] = / service=(\S+)/.exec(metric) ?? [];
  const forms: Readonly<Record<string, Readonly<Record<string, MetricForm>>>> = METRICS;
  const { by, ifAny, everyHours } = forms[service]?.[name] ?? {};
  const dimensions = ['environment', 'service', ...(by ? [by] : [])].sort();
  const named = [...metric.matchAll(/ (\w+)=/g)].map(([, dimension]) => dimension);
  return (ifAny ?? everyHours) !== undefined && JSON.stringify(named.sort()) === JSON.stringify(dimensions);
}

function refusedCalls(calls: readonly Call[], permissions: readonly Permission[]): string[] {
  return linesOf(calls.filter((call) => !permissions.some((permission) => isAllowedBy(call, permission))));
}

function unusedPermissions(
  handler: string,
  calls: readonly Call[],
  permissions: readonly Permission[],
): string[] {
  const unused = permissions.filter((permission) => !calls.some((call) => isAllowedBy(call, permission)));
  return linesOf(unused).filter((line) => !isOfLambdaItself(handler, line));
}

function functionIn({ templates }: Synthesized, handler: FunctionName): TemplateFunction {
  const name = functionName(handler, deployedSettings(aws));
  const found = templates.flatMap(functionsOf).find((fn) => fn.name === name);
  if (!found) throw new Error(`The template has no function ${name}.`);
  return found;
}

async function runScenario(handler: FunctionName, fn: TemplateFunction): Promise<readonly Call[]> {
  const scenario = SCENARIOS[handler];
  if (!scenario) throw new Error(`${handler} has no scenario, so its permissions are not proved. Add one.`);
  const log: string[] = [];
  const onOutput = (line: string) => {
    log.push(line);
    for (const metric of publishedMetrics(line)) published.add(metric);
  };
  const recorder = await recordCalls();
  const running = startDeployedFunction(fn, bundledHandler(handler), aws, recorder.environment, onOutput);
  try {
    await scenario(running, aws);
    return recorder.calls;
  } catch (error) {
    throw new Error(log.slice(-20).join('\n'), { cause: error });
  } finally {
    await Promise.all([running.stop(), recorder.stop()]);
  }
}

/** To give batches up, Lambda lists the bucket and may write anywhere in it, as the function that reads the stream. */
function isOfLambdaItself(handler: string, line: string): boolean {
  const bucket = `arn:aws:s3:::${aws.buckets.deadLetter}`;
  const givingUp = [`s3:ListBucket ${bucket}`, `s3:PutObject ${bucket}/*`];
  if (handler === 'stream-consumer' && givingUp.includes(line)) return true;
  return OF_LAMBDA_ITSELF.some((known) => known.test(line));
}

function linesOf(permissions: readonly (Call | Permission)[]): string[] {
  const lines = permissions.map(({ action, resource }) => `${action} ${resource}`);
  return [...new Set(lines)].sort().slice(0, 40);
}
