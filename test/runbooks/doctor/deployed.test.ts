import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type Answers, answerAs, serviceError } from '../../support/aws-answers.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { runRunbook } from '../../support/runbook.ts';
import { seedRunbookData } from '../../support/runbook-data.ts';
import { settingsFolder } from '../../support/settings-folder.ts';

/**
 * The doctor of a deployment. Tables and buckets are those of the real DynamoDB Local and S3 server; the services that
 * do not exist on this machine answer as their API references say.
 */

const ACCOUNT = '123456789012';
const PREFIX = 'ndjson-parquet-state-management';
const TOPIC = `arn:aws:sns:us-east-1:${ACCOUNT}:${PREFIX}-dev-alarms`;
const PARTS = [
  ...['stream-consumer', 'operations', 'dashboard-widget', 'stats-publisher', 'orphan-sweep'],
  ...['operations-read', 'consistency-audit', 'projection-rebuild', 'watchdog'],
];
const FUNCTIONS = PARTS.map((part) => `${PREFIX}-${part}-dev`);
const SCHEDULES = ['orphan-sweep', 'stats', 'audit', 'watchdog'].map((part) => `${PREFIX}-${part}-dev`);

const POLICIES = ['read', 'change', 'approve', 'maintain'].map(
  (part) => `arn:aws:iam::${ACCOUNT}:policy/${PREFIX}-${part}-dev`,
);
const MACHINES = ['sweep', 'audit', 'rebuild', 'changes'].map(
  (part) => `arn:aws:states:us-east-1:${ACCOUNT}:stateMachine:${PREFIX}-${part}-dev`,
);

let aws: LocalAws;
let environment: Record<string, string>;

beforeAll(async () => {
  aws = await localAws({ streamed: true });
  await seedRunbookData(aws);
  const settings = {
    account: ACCOUNT,
    region: 'us-east-1',
    tracking_table: { create: true },
    projection_table: { name: aws.projectionTable },
    buckets: { dead_letters: aws.buckets.deadLetter },
    alarms: { emails: ['ops@example.com'] },
    keep_data: false,
  };
  environment = { ...aws.environment, ...settingsFolder({ 'settings.dev.json': settings }) };
});

afterEach(() => vi.restoreAllMocks());

/** Buckets of the pipeline with its usual lifecycle rules, which the S3 server cannot store. */
function answerForBuckets(): void {
  const send = S3Client.prototype.send as (this: S3Client, command: object) => Promise<object>;
  vi.spyOn(S3Client.prototype as { send: typeof send }, 'send').mockImplementation(async function (
    this: S3Client,
    command,
  ) {
    if (command.constructor.name === 'GetBucketEncryptionCommand') return {};
    if (command.constructor.name !== 'GetBucketLifecycleConfigurationCommand')
      return send.call(this, command);
    const { Bucket = '' } = (command as { input: { Bucket?: string } }).input;
    const days = { input: 7, manifest: 3, quarantine: 30 }[Bucket.split('-')[0] ?? ''];
    const Prefix = Bucket.startsWith('manifest') ? 'manifests/' : '';
    return { Rules: [{ ID: 'expiry', Status: 'Enabled', Filter: { Prefix }, Expiration: { Days: days } }] };
  });
}

const NOTHING = (name: string) => () => serviceError(name, `Stack with id ndjson does not exist`);

/** An account that is ready, in which nothing is deployed. */
const EMPTY: Answers = {
  GetCallerIdentity: () => ({ Account: ACCOUNT, Arn: `arn:aws:iam::${ACCOUNT}:user/ops` }),
  GetParameter: () => ({ Parameter: { Name: '/cdk-bootstrap/hnb659fds/version', Value: '21' } }),
  DescribeStacks: NOTHING('ValidationError'),
  GetFunctionConfiguration: NOTHING('ResourceNotFoundException'),
  ListEventSourceMappings: () => ({ EventSourceMappings: [] }),
  DescribeLogGroups: () => ({ logGroups: [] }),
  GetTopicAttributes: NOTHING('NotFoundException'),
  ListSchedules: () => ({ Schedules: [] }),
  DescribeAlarms: () => ({ MetricAlarms: [] }),
  GetMetricStatistics: () => ({ Datapoints: [] }),
  GetDashboard: NOTHING('ResourceNotFound'),
  DescribeStackResources: NOTHING('ValidationError'),
};

function resource(ResourceType: string, PhysicalResourceId: string) {
  return { ResourceType, PhysicalResourceId, ResourceStatus: 'CREATE_COMPLETE' };
}

/** The same account with everything deployed, and well. */
function deployed(): Answers {
  const resources = [
    ...FUNCTIONS.map((name) => resource('AWS::Lambda::Function', name)),
    ...FUNCTIONS.map((name) => resource('AWS::Logs::LogGroup', `/aws/lambda/${name}`)),
    ...SCHEDULES.map((name) => resource('AWS::Scheduler::Schedule', name)),
    resource('AWS::DynamoDB::GlobalTable', aws.projectionTable),
    resource('AWS::DynamoDB::GlobalTable', aws.trackingTable),
    resource('AWS::S3::Bucket', aws.buckets.deadLetter),
    resource('AWS::SNS::Topic', TOPIC),
    ...POLICIES.map((arn) => resource('AWS::IAM::ManagedPolicy', arn)),
    ...MACHINES.map((arn) => resource('AWS::StepFunctions::StateMachine', arn)),
    resource('AWS::CloudWatch::Dashboard', `${PREFIX}-dev`),
    resource('AWS::CloudWatch::Alarm', `${PREFIX}-dev-blind`),
  ];
  return {
    ...EMPTY,
    DescribeStacks: () => ({ Stacks: [{ StackName: 'dev', StackStatus: 'UPDATE_COMPLETE' }] }),
    ListStackResources: () => ({ StackResourceSummaries: resources }),
    GetFunctionConfiguration: ({ FunctionName }) =>
      FUNCTIONS.includes(String(FunctionName))
        ? { FunctionName, State: 'Active', LastUpdateStatus: 'Successful' }
        : serviceError('ResourceNotFoundException'),
    ListEventSourceMappings: ({ EventSourceArn }) => ({
      EventSourceMappings: [
        {
          UUID: '760c722e-dcf3-4974-92c0-f979b40821df',
          FunctionArn: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:${FUNCTIONS[0]}`,
          EventSourceArn: EventSourceArn ?? streamArn,
          State: 'Enabled',
          LastProcessingResult: 'OK',
        },
      ],
    }),
    DescribeLogGroups: ({ logGroupNamePrefix }) => ({ logGroups: [{ logGroupName: logGroupNamePrefix }] }),
    GetTopicAttributes: () => ({ Attributes: { TopicArn: TOPIC } }),
    GetDashboard: ({ DashboardName }) => ({ DashboardName }),
    DescribeStackResources: ({ PhysicalResourceId }) => ({ StackResources: [{ PhysicalResourceId }] }),
    ListSchedules: () => ({ Schedules: SCHEDULES.map((Name) => ({ Name, State: 'ENABLED' })) }),
    ListSubscriptionsByTopic: () => ({
      Subscriptions: [
        { Protocol: 'email', Endpoint: 'ops@example.com', SubscriptionArn: `${TOPIC}:57aed500` },
      ],
    }),
    DescribeAlarms: () => ({ MetricAlarms: [{ AlarmName: `${PREFIX}-dev-blind`, StateValue: 'OK' }] }),
    GetMetricStatistics: () => ({ Datapoints: [] }),
    GetMetricData: () => ({ MetricDataResults: FUNCTIONS.map((_, n) => ({ Id: `errors${n}`, Values: [] })) }),
  };
}

let streamArn: string | undefined;

beforeAll(async () => {
  const { DescribeTableCommand } = await import('@aws-sdk/client-dynamodb');
  const { Table } = await aws.dynamoDb.send(new DescribeTableCommand({ TableName: aws.trackingTable }));
  streamArn = Table?.LatestStreamArn;
});

interface Line {
  readonly check: string;
  readonly level: string;
  readonly found: string;
  readonly remedy?: string;
  readonly command?: string;
}

async function diagnose(answers: Answers, variables = environment) {
  const calls = answerAs(answers);
  answerForBuckets();
  const { code, stdout } = await runRunbook('doctor', ['--env', 'dev', '--json'], variables);
  const lines: Line[] = JSON.parse(stdout).checks;
  const bad = lines.filter(({ level }) => level !== 'ok' && level !== 'later');
  return { code, calls, lines, bad, line: (check: string) => lines.find((each) => each.check === check) };
}

test('where everything is deployed and well, every check is ok, and only reading calls are made', async () => {
  const { code, lines, calls } = await diagnose(deployed());
  expect(lines.filter(({ level }) => level !== 'ok' && level !== 'warning')).toEqual([]);
  // DynamoDB Local creates the table without it.
  expect(lines.filter(({ level }) => level === 'warning').map(({ check }) => check)).toEqual([
    'time to live',
  ]);
  expect(code).toBe(0);
  expect(calls.filter((name) => !/^(Get|List|Describe)/.test(name))).toEqual([]);
});

test('before the first deployment all is well if its names are free, and checks for later are no problem', async () => {
  const free = {
    ...environment,
    ...settingsFolder({ 'settings.dev.json': { tracking_table: { create: true }, region: 'us-east-1' } }),
    PROJECTION_TABLE: 'not-there',
    TRACKING_TABLE: 'not-there-either',
  };
  const { code, line, bad } = await diagnose(EMPTY, free);
  expect(bad.map(({ check, level }) => [check, level])).toEqual([['credentials', 'warning']]);
  expect(code).toBe(0);
  expect(line('names: functions')).toMatchObject({ level: 'ok', found: 'free' });
  expect(line('table')).toMatchObject({ level: 'later', found: expect.stringContaining('not deployed yet') });
  expect(line('functions')).toEqual({
    group: 'After a deployment',
    check: 'functions',
    level: 'later',
    found: 'not deployed yet',
  });
});

test('the name of a policy or state machine in another stack is taken', async () => {
  const taken = { DescribeStackResources: deployed().DescribeStackResources ?? (() => ({})) };
  const { line } = await diagnose({ ...EMPTY, ...taken });
  for (const [name, arns] of [
    ['policies', POLICIES],
    ['machines', MACHINES],
  ] as const)
    expect(line(`names: ${name}`)).toMatchObject({
      level: 'problem',
      found: expect.stringContaining(arns.join(', ')),
      remedy: expect.stringContaining('names.functions in settings.dev.json'),
    });
});

test("the name of somebody else's bucket is taken", async () => {
  const { code, line } = await diagnose(EMPTY);
  expect(line('names: bucket')).toMatchObject({
    level: 'problem',
    found: expect.stringContaining(aws.buckets.deadLetter),
    remedy: expect.stringContaining('buckets.dead_letters in settings.dev.json'),
  });
  expect(code).toBe(1);
});

test('a check that is not allowed is unknown, and names the missing permission', async () => {
  const { code, line, lines } = await diagnose({});
  expect(code).toBe(1);
  expect(line('CDK bootstrap')).toMatchObject({
    level: 'unknown',
    found: expect.stringContaining('ssm:GetParameter'),
  });
  expect(line('alarms')?.found).toContain('cloudformation:DescribeStacks');
  expect(lines.filter(({ found }) => /TypeError|undefined/.test(found))).toEqual([]);
});

test('a service that does not answer in time is unknown', async () => {
  const late = () => serviceError('TimeoutError', 'Connection timed out after 5000 ms');
  const { line } = await diagnose({ ...deployed(), DescribeAlarms: late, ListSchedules: late });
  expect(line('alarms')).toMatchObject({ level: 'unknown', found: expect.stringContaining('timed out') });
  expect(line('schedules')).toMatchObject({ level: 'unknown' });
  expect(line('functions')).toMatchObject({ level: 'ok' });
});

const consumer = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:${FUNCTIONS[0]}`;
const reader = (FunctionArn: string) => ({ FunctionArn, EventSourceArn: streamArn, State: 'Enabled' });

test.each<[string, string, string, () => Answers]>([
  [
    'stack',
    'problem',
    'ROLLBACK_COMPLETE',
    () => ({
      DescribeStacks: () => ({ Stacks: [{ StackStatus: 'ROLLBACK_COMPLETE' }] }),
      ListStackResources: () => ({ StackResourceSummaries: [] }),
    }),
  ],
  [
    'CDK bootstrap',
    'problem',
    'not bootstrapped',
    () => ({ GetParameter: () => serviceError('ParameterNotFound') }),
  ],
  [
    'CDK bootstrap',
    'problem',
    'version 5, needed: 6',
    () => ({ GetParameter: () => ({ Parameter: { Value: '5' } }) }),
  ],
  [
    'functions',
    'problem',
    'EniLimitExceeded',
    () => ({
      GetFunctionConfiguration: ({ FunctionName }) => ({
        FunctionName,
        State: 'Failed',
        StateReason: 'EniLimitExceeded',
      }),
    }),
  ],
  [
    'function errors',
    'warning',
    'stream-consumer-dev 7',
    () => ({
      GetMetricData: () => ({ MetricDataResults: [{ Id: 'errors0', Values: [3, 4] }] }),
    }),
  ],
  [
    'stream mapping',
    'problem',
    'disabled',
    () => ({
      ListEventSourceMappings: () => ({
        EventSourceMappings: [{ ...reader(consumer), UUID: 'id', State: 'Disabled' }],
      }),
    }),
  ],
  [
    'stream mapping',
    'problem',
    'a new stream',
    () => ({
      ListEventSourceMappings: () => ({
        EventSourceMappings: [{ ...reader(consumer), EventSourceArn: 'old' }],
      }),
    }),
  ],
  [
    'stream readers',
    'problem',
    '3 functions: a, b, ',
    () => ({
      ListEventSourceMappings: () => ({
        EventSourceMappings: ['a', 'b'].map((name) => reader(consumer.replace(/[^:]*$/, name))),
      }),
    }),
  ],
  [
    'schedules',
    'problem',
    `${PREFIX}-audit-dev`,
    () => ({
      ListSchedules: () => ({
        Schedules: SCHEDULES.map((Name) => ({ Name, State: /audit/.test(Name) ? 'DISABLED' : 'ENABLED' })),
      }),
    }),
  ],
  [
    'subscriptions',
    'problem',
    'not confirmed yet: ops@example.com',
    () => ({
      ListSubscriptionsByTopic: () => ({
        Subscriptions: [
          { Protocol: 'email', Endpoint: 'ops@example.com', SubscriptionArn: 'PendingConfirmation' },
        ],
      }),
    }),
  ],
  [
    'subscriptions',
    'problem',
    'not subscribed, though in the settings: ops@example.com',
    () => ({
      ListSubscriptionsByTopic: () => ({ Subscriptions: [] }),
    }),
  ],
  [
    'alarms',
    'problem',
    `in alarm: ${PREFIX}-dev-drift`,
    () => ({
      DescribeAlarms: () => ({ MetricAlarms: [{ AlarmName: `${PREFIX}-dev-drift`, StateValue: 'ALARM' }] }),
    }),
  ],
  [
    'consumer lag',
    'problem',
    '13h 53m old',
    () => ({
      GetMetricStatistics: () => ({ Datapoints: [{ Timestamp: new Date(0), Maximum: 50_000_000 }] }),
    }),
  ],
  [
    'names: logs',
    'problem',
    `/aws/lambda/${PREFIX}-watchdog-dev`,
    () => ({
      ListStackResources: () => ({ StackResourceSummaries: [] }),
    }),
  ],
  [
    'names: functions',
    'problem',
    `${PREFIX}-operations-dev`,
    () => ({
      ListStackResources: () => ({ StackResourceSummaries: [] }),
    }),
  ],
  [
    'older State Manager',
    'ok',
    `${PREFIX}-dev exists`,
    () => ({
      GetFunctionConfiguration: ({ FunctionName }) => ({ FunctionName, State: 'Active' }),
    }),
  ],
  [
    'credentials',
    'problem',
    `dev is in account ${ACCOUNT}`,
    () => ({
      GetCallerIdentity: () => ({ Account: '210987654321', Arn: 'arn:aws:iam::210987654321:user/ops' }),
    }),
  ],
])('%s: %s, %s', async (check, level, found, changes) => {
  const { line } = await diagnose({ ...deployed(), ...changes() });
  expect(line(check)).toMatchObject({ level, found: expect.stringContaining(found) });
  if (level !== 'ok') expect(line(check)?.remedy).toMatch(/\S+.*[.:]$/);
});
