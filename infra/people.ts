import { ArnFormat, Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyDocument } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { BUCKET_PREFIXES, partName } from '../shared/aws/deployment-names.ts';
import {
  APPROVAL_PARTITIONS,
  APPROVALS_PARTITION,
  AUDIT_PARTITIONS,
  approvalPartition,
  WORD_PARTITIONS,
} from '../shared/changes/change-items.ts';
import {
  type Access,
  besideApprovals,
  items,
  lookIntoBuckets,
  type Resources,
  readRows,
  removeWords,
  statementsOf,
  writeTo,
} from './access.ts';
import type { Functions } from './functions/function.ts';
import type { Runs } from './runs.ts';
import type { EnvironmentSettings } from './settings.ts';

/** What people may be allowed to do: to read, and in addition to change files, to approve changes, or to maintain the projection. */
export const PEOPLE = ['read', 'change', 'approve', 'maintain'] as const;
export type PeoplePolicy = (typeof PEOPLE)[number];

/** What people may be given access to. */
interface Reachable {
  readonly resources: Resources;
  readonly functions: Functions;
  readonly runs: Runs;
  /** Undefined if nothing is started on a schedule. */
  readonly failedStarts: Queue | undefined;
}

/**
 * Creates the policies for people; each is complete by itself. They have no description: a change of it would replace
 * the policy, which CloudFormation refuses for one with a name of its own.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-managedpolicy.html
 * Groups and roles belong to whoever administers the
 * account. `test/infra/people.test.ts` runs all runbooks and compares the policies with their calls.
 */
export function createPeoplePolicies(
  scope: Construct,
  settings: EnvironmentSettings,
  reachable: Reachable,
): void {
  const { resources, functions } = reachable;
  const reads = readAccess(resources, functions);
  const accesses: Readonly<Record<PeoplePolicy, readonly Access[]>> = {
    read: reads,
    change: [...reads, ...changeAccess(resources, functions), ...builderAccess(scope, settings)],
    approve: [...reads, ...approveAccess(resources, functions)],
    maintain: [...reads, ...maintainAccess(resources), ...startAccess(scope, settings, reachable)],
  };
  for (const name of PEOPLE) {
    const policy = new ManagedPolicy(scope, `People-${name}`, {
      managedPolicyName: partName(name, settings),
      document: new PolicyDocument({ minimize: true }),
    });
    policy.addStatements(...statementsOf(policy, accesses[name], resources.encrypted));
  }
}

function readAccess(resources: Resources, functions: Functions): Access[] {
  const { tracking, projectionArn, deadLetterBucketArn } = resources;
  return [
    {
      actions: ['lambda:InvokeFunction'],
      resources: arnsOf(functions, 'operations-read', 'dashboard-widget'),
    },
    {
      actions: ['dynamodb:DescribeTable', ...items('BatchGet', 'Get', 'Query')],
      resources: [tracking.tableArn],
    },
    { actions: items('Query'), resources: [tracking.indexArn] },
    { actions: items('Get', 'Query'), resources: [projectionArn] },
    ...lookIntoBuckets(resources, ['input', 'manifest', 'output', 'quarantine']),
    readRows(resources),
    { actions: ['s3:ListBucket'], resources: [deadLetterBucketArn] },
    {
      actions: ['s3:GetObject'],
      resources: [`${deadLetterBucketArn}/${BUCKET_PREFIXES.runs}*`],
      wildcard: 'Plans and lists of issues are named after their times.',
    },
    {
      actions: ['cloudwatch:DescribeAlarms', 'cloudwatch:GetMetricStatistics'],
      resources: ['*'],
      wildcard: 'CloudWatch has no resource-level permissions for these actions.',
    },
  ];
}

function changeAccess(resources: Resources, functions: Functions): Access[] {
  return [
    { actions: ['lambda:InvokeFunction'], resources: arnsOf(functions, 'operations') },
    // Only expired locks are deleted, but DynamoDB cannot tell them from other items of a date.
    { actions: items('Delete', 'Update'), resources: [resources.tracking.tableArn] },
    besideApprovals(resources, 'Put', 'Update'),
    removeWords(resources),
  ];
}

/**
 * An approver writes into a partition of their own id, and cannot change files, whatever other policies allow: a
 * function does not know its caller, so nobody may be able both to request a change and to approve it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
function approveAccess({ tracking, projectionArn }: Resources, functions: Functions): Access[] {
  return [
    {
      actions: items('Put'),
      resources: [projectionArn],
      onlyKeys: [APPROVALS_PARTITION, approvalPartition(`\${aws:userid}`)],
    },
    {
      // The older way to invoke a function asynchronously may need a permission of its own.
      actions: ['lambda:InvokeAsync', 'lambda:InvokeFunction'],
      resources: arnsOf(functions, 'operations').flatMap((arn) => [arn, `${arn}:*`]),
      wildcard: 'Versions and aliases of a function have ARNs of their own.',
      isDenied: true,
    },
    {
      actions: [...items('BatchWrite', 'Delete', 'Put', 'Update'), ...PARTIQL_WRITES],
      resources: [tracking.tableArn],
      isDenied: true,
    },
  ];
}

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html
const PARTIQL_WRITES = ['Delete', 'Insert', 'Update'].map((verb) => `dynamodb:PartiQL${verb}`);

/** The runbook that wakes the pipeline's builder needs its name. */
function builderAccess(scope: Construct, { profile }: EnvironmentSettings): Access[] {
  const { function_name: resourceName } = profile.builder;
  if (resourceName === null) return [];
  const arn = resourceName.startsWith('arn:')
    ? resourceName
    : Stack.of(scope).formatArn({
        service: 'lambda',
        resource: 'function',
        resourceName,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      });
  return [{ actions: ['lambda:InvokeFunction'], resources: [arn] }];
}

function maintainAccess(resources: Resources): Access[] {
  const { tracking, projectionArn, deadLetterBucketArn } = resources;
  return [
    { actions: items('Scan'), resources: [tracking.tableArn] },
    // Maintenance is noted in a partition of its own, so that no change and no approval can be overwritten.
    {
      actions: items('BatchGet', 'Put', 'Update'),
      resources: [projectionArn],
      exceptKeys: [...AUDIT_PARTITIONS, ...APPROVAL_PARTITIONS, ...WORD_PARTITIONS],
    },
    {
      actions: ['s3:DeleteObject', 's3:GetObject'],
      resources: [BUCKET_PREFIXES.deadLetters, BUCKET_PREFIXES.givenUp].map(
        (prefix) => `${deadLetterBucketArn}/${prefix}*`,
      ),
      wildcard: 'Lambda and the consumer choose the names of what they keep.',
    },
    writeTo(
      BUCKET_PREFIXES.deadLetters,
      resources,
      'What cannot be replayed is kept again, named after its content.',
    ),
  ];
}

/** Starting scheduled tasks by hand, seeing their results, and seeing why a schedule could not start one. */
function startAccess(
  scope: Construct,
  settings: EnvironmentSettings,
  { functions, runs, failedStarts }: Reachable,
): Access[] {
  const machines = Object.entries({ ...runs });
  return [
    {
      actions: ['lambda:InvokeFunction'],
      resources: arnsOf(functions, 'orphan-sweep', 'stats-publisher', 'consistency-audit'),
    },
    {
      actions: ['states:StartExecution'],
      resources: machines.map(([, { stateMachineArn }]) => stateMachineArn),
    },
    {
      actions: ['states:DescribeExecution'],
      resources: machines.map(([name]) =>
        Stack.of(scope).formatArn({
          service: 'states',
          resource: 'execution',
          resourceName: `${partName(name, settings)}:*`,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ),
      wildcard: 'Each execution has a name of its own.',
    },
    ...(failedStarts
      ? [{ actions: ['sqs:PurgeQueue', 'sqs:ReceiveMessage'], resources: [failedStarts.queueArn] }]
      : []),
  ].filter(({ resources }) => resources.length > 0);
}

function arnsOf(functions: Functions, ...names: readonly (keyof Functions)[]): string[] {
  return names.flatMap((name) => functions[name]?.fn.functionArn ?? []);
}
