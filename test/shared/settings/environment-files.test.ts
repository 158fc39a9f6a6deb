import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import {
  deployedEnvironments,
  knownEnvironments,
  readEnvironment,
} from '../../../shared/settings/environment-files.ts';
import { hasPlaceholders } from '../../../shared/settings/environment-settings.ts';
import { settingsFolder } from '../../support/settings-folder.ts';

const TABLE = 'arn:aws:dynamodb:eu-central-1:123456789012:table/files';
const STREAM = `${TABLE}/stream/2026-11-23T05:22:46.000`;

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:ops';

const staging = (file: object | string, variables = {}) =>
  readEnvironment('staging', { ...settingsFolder({ 'settings.staging.json': file }), ...variables });

test('every file is an environment, and `local` is one even without a file', () => {
  const folder = settingsFolder({
    'settings.prod.json': {},
    'settings.prod.local.json': {},
    'settings.local.json': {},
    'settings.second-line.json': {},
    'settings.md': 'x',
    'package.json': {},
  });
  expect(deployedEnvironments(folder)).toEqual(['prod', 'second-line']);
  expect(knownEnvironments(settingsFolder({}))).toEqual(['local']);
});

test('the project has dev and prod, and a variable can name another folder of files', () => {
  expect(knownEnvironments({})).toEqual(expect.arrayContaining(['local', 'dev', 'prod']));
});

test('git ignores the files that are not to be committed, and only these', () => {
  const names = [
    'settings.prod.local.json',
    'settings.local.local.json',
    'settings.prod.json',
    'settings.local.json',
  ];
  const ignored = execFileSync('sh', ['-c', `git check-ignore --no-index ${names.join(' ')}`], {
    encoding: 'utf8',
  });
  expect(ignored.trim().split('\n')).toEqual(names.slice(0, 2));
});

test('the name of an environment must not begin with the name of another one and a hyphen', () => {
  const read = (environment: string, ...others: string[]) =>
    readEnvironment(
      environment,
      settingsFolder(
        Object.fromEntries([environment, ...others].map((name) => [`settings.${name}.json`, {}])),
      ),
    ).environment;
  const both = 'The environments dev and dev-2 cannot be told apart';
  expect(() => read('dev', 'dev-2')).toThrow(both);
  expect(() => read('dev-2', 'dev')).toThrow(both);
  expect(read('dev', 'dev2', 'prod')).toBe('dev');
  expect(read('prod', 'dev', 'dev-2')).toBe('prod');
});

describe('defaults', () => {
  test('are safe: data is kept, nothing is healed, and there is an alarm for failures', () => {
    expect(staging({})).toMatchObject({
      trackingTable: { kind: 'existing' },
      keepData: true,
      enableSchedules: true,
      logRetentionDays: 90,
      autoHeal: { mode: 'report' },
      answerForm: 'plain',
      alarmEmails: [],
      failureAlarm: { share: 0.2, leastFiles: 20 },
      kmsKeys: {},
      production: false,
    });
  });

  test('have different names for every environment', () => {
    const variables = settingsFolder({ 'settings.staging.json': {}, 'settings.second.json': {} });
    const [one, two] = ['staging', 'second'].map((name) => readEnvironment(name, variables).names);
    const { functionPrefix, ...names } = one ?? {};
    expect(functionPrefix).toBe(two?.functionPrefix);
    for (const name of Object.values(names)) {
      expect(name).toContain('staging');
      expect(Object.values(two ?? {})).not.toContain(name);
    }
  });

  test("of a table that is created differ from the name of the pipeline's own table", () => {
    expect(staging({ tracking_table: { create: true } }).names.trackingTable).toBe(
      'ndjson-parquet-state-manager-tracking-staging',
    );
    expect(staging({}).names.trackingTable).toBe('ndjson-parquet-sqs-file-tracking-staging');
  });

  test('of the bucket for dead letters include account and region if both are known', () => {
    const nameOf = (file: object) => staging(file).names.deadLetterBucket;
    expect(nameOf({})).toBe('state-manager-dead-letters-staging');
    expect(nameOf({ account: '123456789012' })).toBe('state-manager-dead-letters-staging');
    expect(nameOf({ account: '123456789012', region: 'us-east-1' })).toBe(
      'state-manager-dead-letters-staging-123456789012-us-east-1',
    );
    expect(nameOf({ tracking_table: { stream_arn: STREAM } })).toBe(
      'state-manager-dead-letters-staging-123456789012-eu-central-1',
    );
  });

  test('are placeholders for the stream until the settings name it', () => {
    expect(hasPlaceholders(staging({ account: '123456789012', region: 'us-east-1' }))).toBe(true);
    expect(hasPlaceholders(staging({ tracking_table: { stream_arn: STREAM } }))).toBe(false);
    expect(hasPlaceholders(staging({ tracking_table: { create: true } }))).toBe(false);
  });
});

test.each(['us-east-1', 'us-gov-west-1', 'ap-southeast-3', 'cn-north-1', 'eusc-de-east-1', 'us-isob-east-1'])(
  '%s is a region, in whatever partition',
  (region) => {
    expect(staging({ region }).region).toBe(region);
  },
);

test('the ARN of the stream gives the table, the account and the region', () => {
  expect(staging({ tracking_table: { stream_arn: STREAM } })).toMatchObject({
    account: '123456789012',
    region: 'eu-central-1',
    names: { trackingTable: 'files' },
    trackingTable: { kind: 'existing', tableArn: TABLE, streamArn: STREAM },
  });
});

test('every name can be chosen', () => {
  const { names } = staging({
    tracking_table: { name: 'tracked' },
    projection_table: { name: 'projected' },
    buckets: {
      input: 'in-1',
      manifest: 'manifests-1',
      output: 'out-1',
      quarantine: 'bad-1',
      dead_letters: 'dead-1',
    },
    names: { stack: 'Stack', functions: 'fn', operations: 'ask', alarms: 'alarm' },
  });
  expect(names).toEqual({
    stack: 'Stack',
    trackingTable: 'tracked',
    projectionTable: 'projected',
    inputBucket: 'in-1',
    manifestBucket: 'manifests-1',
    outputBucket: 'out-1',
    quarantineBucket: 'bad-1',
    deadLetterBucket: 'dead-1',
    functionPrefix: 'fn',
    operationsFunction: 'ask',
    consumerFunction: 'fn-stream-consumer-staging',
    alarmPrefix: 'alarm',
  });
});

test('batching and capacity have defaults, and the limits of Lambda and DynamoDB', () => {
  const read = (text: object) => readEnvironment('prod', settingsFolder({ 'settings.prod.json': text }));
  expect(read({})).toMatchObject({
    stream: { batchSize: 10_000, windowSeconds: 20 },
    capacity: { mode: 'on_demand' },
  });
  expect(
    read({
      stream: { batching_window_seconds: 300, batch_size: 1 },
      projection_table: { capacity: 'provisioned', write_units: { least: 50 } },
    }),
  ).toMatchObject({
    stream: { batchSize: 1, windowSeconds: 300 },
    capacity: { mode: 'provisioned', write: { least: 50, most: 10_000 }, read: { least: 5, most: 2_000 } },
  });
  for (const refused of [
    { stream: { batching_window_seconds: 0 } },
    { stream: { batching_window_seconds: 301 } },
    { stream: { batch_size: 10_001 } },
    { projection_table: { write_units: { least: 10, most: 9 } } },
  ])
    expect(() => read(refused)).toThrow();
});

describe('a setting in several places', () => {
  const files = {
    'settings.prod.json': {
      buckets: { input: 'committed', output: 'committed' },
      alarms: { emails: ['one@example.com', 'two@example.com'] },
      auto_heal: { mode: 'plan', causes: ['job_failed'] },
      pipeline: { limits: { pending_hours: 48 }, input: { expire_days: 14 } },
    },
    'settings.prod.local.json': {
      buckets: { input: 'not-committed' },
      alarms: { emails: ['three@example.com'] },
      auto_heal: { mode: 'report' },
      pipeline: { limits: { processing_hours: 6 }, input: { expire_days: null } },
    },
  };

  test('is merged one by one, the uncommitted file over the other; lists and policies are replaced as a whole', () => {
    expect(readEnvironment('prod', settingsFolder(files))).toMatchObject({
      names: { inputBucket: 'not-committed', outputBucket: 'committed' },
      alarmEmails: ['three@example.com'],
      autoHeal: { mode: 'report' },
      profile: { limits: { pending_hours: 48, processing_hours: 6 }, input: { expire_days: null } },
    });
  });

  test("is taken first from variables with the environment's name", () => {
    const variables = {
      ...settingsFolder(files),
      PROD_SETTINGS: '{"log_retention_days":30,"buckets":{"input":"general"}}',
      PROD_INPUT_BUCKET: 'special',
      PROD_ALARM_EMAIL: 'four@example.com',
      PROD_ALARM_TOPIC_ARN: TOPIC,
      DEV_OUTPUT_BUCKET: 'not-mine',
    };
    expect(readEnvironment('prod', variables)).toMatchObject({
      names: { inputBucket: 'special', outputBucket: 'committed' },
      alarmEmails: ['four@example.com'],
      alarmTopicArn: TOPIC,
      logRetentionDays: 30,
    });
  });

  test('is named when it is no object', () => {
    const variables = { ...settingsFolder({ 'settings.staging.json': {} }), STAGING_SETTINGS: '{' };
    expect(() => readEnvironment('staging', variables)).toThrow(
      'STAGING_SETTINGS: received "{", allowed: an object.',
    );
  });

  test('is also found for an environment with hyphens', () => {
    const variables = {
      ...settingsFolder({ 'settings.second-line.json': {} }),
      SECOND_LINE_INPUT_BUCKET: 'mine',
    };
    expect(readEnvironment('second-line', variables).names.inputBucket).toBe('mine');
  });
});

const KEY = 'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';

test('alarms and keys are as configured', () => {
  const settings = staging({
    region: 'us-east-1',
    kms_keys: { input: KEY },
    alarms: { topic_arn: TOPIC, failures: { share: 0.5 } },
  });
  expect(settings).toMatchObject({
    kmsKeys: { input: KEY },
    alarmTopicArn: TOPIC,
    failureAlarm: { share: 0.5, leastFiles: 20 },
  });
  expect(staging({ alarms: { failures: null } }).failureAlarm).toBeUndefined();
});

test('no notices are sent unless a bus is named; it must exist unless it is to be created', () => {
  expect(staging({}).outlet).toBeUndefined();
  expect(staging({ outlet: { bus: 'ours' } }).outlet).toEqual({ bus: 'ours', create: false });
});

test.each<[object | string, string]>([
  ['{"account": ', 'settings.staging.json cannot be read: '],
  ['[]', 'settings.staging.json: received [], allowed: an object.'],
  [
    { buckets: { inptu: 'x' } },
    'buckets.inptu: received "x", which is unknown; allowed: input, manifest, output, ',
  ],
  [{ account: 123456789012 }, 'account: received 123456789012, allowed: text.'],
  [{ region: 'europe' }, 'region: received "europe", allowed: an AWS region such as us-east-1.'],
  [{ account: '1234' }, 'account: received "1234", allowed: the 12 digits of an AWS account.'],
  [{ schedules: 'on' }, 'schedules: received "on", allowed: true or false.'],
  [{ log_retention_days: 15 }, 'log_retention_days: received 15, allowed: 1, 3, 5, 7, 14, 30, '],
  [{ alarms: { emails: ['nobody'] } }, 'alarms.emails[0]: received "nobody", allowed: an e-mail address.'],
  [{ alarms: { failures: { share: 2 } } }, 'alarms.failures.share: received 2, allowed: 1 or less'],
  [{ outlet: { bus: 'a/b' } }, 'outlet.bus: received "a/b", allowed: an event bus name of 1 to 256 letters'],
  [{ outlet: { create: true } }, 'outlet.bus: received nothing, allowed: the name of the bus to create'],
  [
    { outlet: { bus: 'default', create: true } },
    "allowed: another name, since a bus with one of AWS's names cannot be created",
  ],
  [{ kms_keys: { input: 'alias/x' } }, 'kms_keys.input: received "alias/x", allowed: the ARN of a KMS key'],
  [
    { region: 'eu-west-1', kms_keys: { input: KEY } },
    `kms_keys.input: received "${KEY}", allowed: the ARN of a KMS key in eu-west-1.`,
  ],
  [
    { region: 'eu-west-1', alarms: { topic_arn: TOPIC } },
    `alarms.topic_arn: received "${TOPIC}", allowed: the ARN of a topic in region eu-west-1, where the alarms of staging are.`,
  ],
  [
    { account: '210987654321', region: 'us-east-1', alarms: { topic_arn: TOPIC } },
    `alarms.topic_arn: received "${TOPIC}", allowed: the ARN of a topic in region us-east-1 and account 210987654321, `,
  ],
  [
    { tracking_table: { create: true }, kms_keys: { input: KEY } },
    'region: received nothing, allowed: us-east-1, where the key of kms_keys.input is.',
  ],
  [{ auto_heal: { mode: 'heal' } }, 'auto_heal.mode: received "heal", allowed: report, plan, apply.'],
  [{ pipeline: { builder: { max_files: 0 } } }, 'pipeline.builder.max_files: received 0, '],
  [
    { pipeline: { buidler: {} } },
    'pipeline.buidler: received {}, which is unknown; allowed: input, manifests, ',
  ],
  [
    { tracking_table: { create: true, stream_arn: STREAM } },
    'tracking_table.create: received true, allowed: false',
  ],
  [
    { tracking_table: { table_arn: TABLE } },
    `tracking_table.stream_arn: received nothing, allowed: ${TABLE}/stream/`,
  ],
  [
    { tracking_table: { stream_arn: STREAM, name: 'other' } },
    'tracking_table.name: received "other", allowed: files',
  ],
  [
    { tracking_table: { stream_arn: STREAM }, account: '999999999999' },
    'account: received "999999999999", allowed: 123456789012, where the tracking table is',
  ],
  [
    { names: { functions: 'a-very-long-name-for-the-functions-of-this' } },
    'names.functions: received "a-very-long',
  ],
])('%j is refused, with what was received and what is allowed', (file, message) => {
  expect(() => staging(file)).toThrow(message);
  expect(() => staging(file)).toThrow('settings.staging.json');
  expect(() => staging(file)).toThrow('Nothing was done.');
});

test('all mistakes are reported at once, each with its source', () => {
  const variables = settingsFolder({
    'settings.prod.json': { schedules: 1 },
    'settings.prod.local.json': { keep_data: 2 },
  });
  expect(() => readEnvironment('prod', { ...variables, PROD_ANSWER_FORM: 'xml' })).toThrow(
    [
      'The settings of prod cannot be used:',
      '- settings.prod.json: schedules: received 1, allowed: true or false.',
      '- settings.prod.local.json: keep_data: received 2, allowed: true or false.',
      '- PROD_ANSWER_FORM: answer_form: received "xml", allowed: plain, http.',
    ].join('\n'),
  );
});

test('a default name that would be too long for S3 must be replaced', () => {
  const file = { account: '123456789012', region: 'ap-southeast-1' };
  const variables = settingsFolder({ 'settings.second-line.json': file });
  expect(() => readEnvironment('second-line', variables)).toThrow(
    'buckets.dead_letters: received nothing, allowed: a name of your own',
  );
});

test('the local environment has no account, region or stream', () => {
  const variables = settingsFolder({ 'settings.local.json': { account: '123456789012' } });
  expect(() => readEnvironment('local', variables)).toThrow(
    'account: received "123456789012", allowed: nothing',
  );
});

test('a pipeline.json is refused with what to do instead, because it is no longer read', () => {
  const variables = settingsFolder({ 'settings.prod.json': {}, 'pipeline.json': {} });
  expect(() => readEnvironment('prod', variables)).toThrow(
    'Move what it holds into settings.ENV.json, as "pipeline"',
  );
});
