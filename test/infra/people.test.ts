import { userInfo } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PEOPLE, type PeoplePolicy } from '../../infra/people.ts';
import { type FunctionName, functionName, partName } from '../../shared/aws/deployment-names.ts';
import type { Call } from '../support/aws-calls.ts';
import { deployedSettings } from '../support/deployed-function.ts';
import { propertiesOf } from '../support/deployed-templates.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { isAllowedBy, isDeniedBy, managedPolicies, type Permission } from '../support/policies.ts';
import { recordCalls } from '../support/recorded-calls.ts';
import { RUNBOOKS } from '../support/runbook.ts';
import {
  approvePlan,
  changeFiles,
  maintain,
  prepareRunbooks,
  READING,
} from '../support/runbook-scenarios.ts';
import { type Synthesized, synthesizeQuickly } from '../support/synthesized.ts';
import { functionArn, tableArn } from '../support/template-values.ts';

const BUILDER = 'the-builder';
/** Behind an endpoint a runbook takes the user of the system for who calls. */
const ME = userInfo().username;

let aws: LocalAws;
let synthesized: Synthesized;
/** What each policy is for, as AWS was asked for it. */
const calls: Record<PeoplePolicy, Call[]> = { read: [], change: [], approve: [], maintain: [] };

beforeAll(async () => {
  aws = await localAws();
  const { profile, ...settings } = deployedSettings(aws);
  const builder = { ...profile.builder, function_name: BUILDER };
  synthesized = synthesizeQuickly({ ...settings, enableSchedules: true, profile: { ...profile, builder } });
  const scene = await prepareRunbooks(aws);
  await record('read', async (environment) => {
    for (const look of Object.values(READING)) await look(environment, scene);
  });
  await record('maintain', maintain);
  await record('approve', (environment) => approvePlan(environment, scene));
  await record('change', changeFiles);
}, 120_000);

afterAll(() => synthesized.remove());

async function record(
  policy: PeoplePolicy,
  work: (environment: Readonly<Record<string, string>>) => Promise<void>,
): Promise<void> {
  const recorder = await recordCalls();
  const PIPELINE_PROFILE = JSON.stringify({ builder: { function_name: BUILDER } });
  try {
    await work({ ...aws.environment, PIPELINE_PROFILE, ...recorder.environment });
    calls[policy].push(...recorder.calls);
  } finally {
    await recorder.stop();
  }
}

function permissionsOf(policy: PeoplePolicy): readonly Permission[] {
  const name = partName(policy, deployedSettings(aws));
  const found = synthesized.templates.flatMap((template) => managedPolicies(template)[name] ?? []);
  if (found.length === 0) throw new Error(`The template has no policy ${name}.`);
  return found;
}

/** What people invoke without a runbook: who maintains starts by hand what a schedule failed to start. */
const INVOKED: Readonly<Record<PeoplePolicy, readonly FunctionName[]>> = {
  read: ['operations-read', 'dashboard-widget'],
  change: ['operations-read', 'dashboard-widget', 'operations'],
  approve: ['operations-read', 'dashboard-widget'],
  maintain: [
    ...(['operations-read', 'dashboard-widget'] as const),
    ...(['orphan-sweep', 'stats-publisher', 'consistency-audit'] as const),
  ],
};

/** What people ask for without a runbook. */
function byHand(policy: PeoplePolicy): unknown[] {
  const invoked = INVOKED[policy].map(
    (name) => `lambda:InvokeFunction ${functionArn(functionName(name, deployedSettings(aws)))}`,
  );
  return [...invoked, ...(policy === 'maintain' ? maintainedByHand() : [])];
}

/** Sweeps, audits and rebuilds are state machines, started and followed; the queue says why a start failed, and is emptied then. */
function maintainedByHand(): unknown[] {
  return [
    ...['sweep', 'audit', 'rebuild'].flatMap((run) => [
      `states:DescribeExecution ${executionArn(partName(run, deployedSettings(aws)))}:*`,
      `states:StartExecution ${partName(run, deployedSettings(aws))}`,
    ]),
    expect.stringMatching(/^sqs:PurgeQueue .*FailedStarts/),
    expect.stringMatching(/^sqs:ReceiveMessage .*FailedStarts/),
  ];
}

function executionArn(machine: string): string {
  return `arn:aws:states:us-east-1:000000000000:execution:${machine}`;
}

const lineOf = ({ action, resource }: Call | Permission) => `${action} ${resource}`;
const linesOf = (all: readonly (Call | Permission)[]) => [...new Set(all.map(lineOf))].sort();

// Run by whoever deploys, mostly before there are any policies.
const OF_DEPLOYERS = ['doctor'];

test('every runbook is run for its reading', () => {
  expect(Object.keys(READING).sort()).toEqual(RUNBOOKS.filter((name) => !OF_DEPLOYERS.includes(name)).sort());
});

describe.each(PEOPLE)('the policy to %s', (policy) => {
  const needed = () => [...calls.read, ...calls[policy]];

  test('allows every call of its runbooks', () => {
    const permissions = permissionsOf(policy);
    const refused = needed().filter(
      (call) =>
        !permissions.some((permission) => isAllowedBy(call, permission, ME)) ||
        permissions.some((permission) => isDeniedBy(call, permission)),
    );
    expect(linesOf(refused)).toEqual([]);
  });

  test('allows nothing else, except calls that people make by hand', () => {
    const allowed = permissionsOf(policy).filter(({ isDenied }) => !isDenied);
    const unused = allowed.filter(
      (permission) => !needed().some((call) => isAllowedBy(call, permission, ME)),
    );
    const lines = linesOf(unused);
    const expected = byHand(policy);
    expect(lines).toEqual(expect.arrayContaining(expected));
    expect(lines).toHaveLength(expected.length);
  });
});

const WRITES = /^(dynamodb:(Put|Update|Delete|BatchWrite)|s3:(Put|Delete))/;

test('who may read can write nothing, and only who may change can write to the tracking table', () => {
  expect(linesOf(permissionsOf('read')).filter((line) => WRITES.test(line))).toEqual([]);
  const writes = linesOf(permissionsOf('maintain')).filter((line) => WRITES.test(line));
  expect(writes.filter((line) => line.includes(`:table/${aws.trackingTable}`))).toEqual([]);
  const change = linesOf(permissionsOf('change'));
  expect(change.filter((line) => WRITES.test(line) && line.includes(`:table/${aws.trackingTable}`))).toEqual([
    expect.stringMatching(/^dynamodb:DeleteItem /),
    expect.stringMatching(/^dynamodb:UpdateItem /),
  ]);
});

test('no policy has a description: CloudFormation refuses to change the one of a policy with a fixed name', () => {
  const policies = synthesized.templates.flatMap((template) =>
    propertiesOf(template, 'AWS::IAM::ManagedPolicy'),
  );
  expect(policies).toHaveLength(PEOPLE.length);
  for (const { Description } of policies) expect([undefined, '']).toContain(Description);
});

test('who maintains the projection cannot replace a plan that a sweep has saved', () => {
  const maintain = linesOf(permissionsOf('maintain')).filter((line) => /^s3:(Put|Delete)/.test(line));
  expect(maintain.length).toBeGreaterThan(0);
  for (const line of maintain) expect(line).toMatch(/\/(dead-letters|aws\/lambda)\/\*$/);
});

/** Of these policies, those that let somebody write an item of this partition, as this user. */
function mayPut(leadingKey: string, userId: string): readonly PeoplePolicy[] {
  const call = { action: 'dynamodb:PutItem', resource: tableArn(aws.projectionTable), leadingKey };
  const allows = (policy: PeoplePolicy) =>
    permissionsOf(policy).some((each) => isAllowedBy(call, each, userId));
  return PEOPLE.filter(allows);
}

test('who approves writes approvals in the own name only, and nobody else writes any', () => {
  expect(mayPut('APPROVAL#AROA1:alice', 'AROA1:alice')).toEqual(['approve']);
  expect(mayPut('APPROVALS', 'AROA1:alice')).toEqual(['approve']);
  for (const other of ['APPROVAL#AROA1:bob', 'APPROVAL#AROA1:alice#x', 'APPROVAL#'])
    expect(mayPut(other, 'AROA1:alice'), other).toEqual([]);
});

test('changes, their files and plans are written by who may change, and upkeep by who may maintain', () => {
  for (const key of ['CHANGES', 'CHANGE#x', 'PLAN#x']) expect(mayPut(key, 'x'), key).toEqual(['change']);
  expect(mayPut('UPKEEP', 'x')).toEqual(['maintain']);
});

test('who may approve may not change files, whatever else is allowed', () => {
  const denied = permissionsOf('approve').filter(({ isDenied }) => isDenied);
  const table = tableArn(aws.trackingTable);
  const operations = functionArn(functionName('operations', deployedSettings(aws)));
  expect(linesOf(denied)).toEqual(
    [
      ...['BatchWriteItem', 'DeleteItem', 'PutItem', 'UpdateItem'].map((name) => `dynamodb:${name} ${table}`),
      ...['Delete', 'Insert', 'Update'].map((verb) => `dynamodb:PartiQL${verb} ${table}`),
      ...['Async', 'Function'].flatMap((way) => [
        `lambda:Invoke${way} ${operations}`,
        `lambda:Invoke${way} ${operations}:*`,
      ]),
    ].sort(),
  );
  // By a version, or an alias, it is the same function.
  for (const qualifier of ['$LATEST', '1', 'live']) {
    const call = { action: 'lambda:InvokeFunction', resource: `${operations}:${qualifier}` };
    expect(
      denied.some((permission) => isDeniedBy(call, permission)),
      qualifier,
    ).toBe(true);
  }
  const changing = calls.change.filter(({ action, resource }) => resource === table && WRITES.test(action));
  expect(changing.length).toBeGreaterThan(0);
  for (const call of changing) expect(denied.some((permission) => isDeniedBy(call, permission))).toBe(true);
});
