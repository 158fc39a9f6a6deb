import type { LifecycleRule } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { judgePlace } from '../../../runbooks/doctor/account.ts';
import { judgeTopic } from '../../../runbooks/doctor/alarm-topic.ts';
import { judgeAlarms, judgeSubscriptions } from '../../../runbooks/doctor/alarms.ts';
import { type Asked, askedOf } from '../../../runbooks/doctor/asked.ts';
import { judgeLifecycle, judgePresence } from '../../../runbooks/doctor/buckets.ts';
import { judgeErrors } from '../../../runbooks/doctor/functions.ts';
import { judgeKey } from '../../../runbooks/doctor/keys.ts';
import { judgeNames } from '../../../runbooks/doctor/names.ts';
import { judgeProjection } from '../../../runbooks/doctor/projection.ts';
import { judgeProtection, judgeStack } from '../../../runbooks/doctor/stack.ts';
import { judgeAlarmNames } from '../../../runbooks/doctor/stack-names.ts';
import { judgeExpiry, judgeIndex, judgeStream, judgeTable } from '../../../runbooks/doctor/tracking-table.ts';
import { doctorView } from '../../../runbooks/views/doctor-view.ts';
import type { RunContext } from '../../../shared/cli/command.ts';
import { plain } from '../../../shared/cli/terminal.ts';
import { environmentFile } from '../../../shared/settings/environment-schema.ts';
import { settingsOf } from '../../../shared/settings/environment-settings.ts';
import { shellWord } from '../../../shared/text/shell-text.ts';
import { lateOf } from '../../support/ages.ts';

const TABLE = 'arn:aws:dynamodb:us-east-1:123456789012:table/files';
const STREAM = `${TABLE}/stream/2026-11-23T05:22:46.000`;
const KEY = 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555';

function asked(file: object = { tracking_table: { stream_arn: STREAM } }): Asked {
  const settings = settingsOf('prod', environmentFile.parse(file));
  const { names } = settings;
  return {
    settings,
    environment: 'prod',
    local: false,
    trackingTable: names.trackingTable,
    projectionTable: names.projectionTable,
    buckets: {
      input: names.inputBucket,
      manifest: names.manifestBucket,
      output: names.outputBucket,
      quarantine: names.quarantineBucket,
    },
    region: 'us-east-1',
    now: Date.parse('2026-11-23T12:00:00Z'),
    again: 'npx tsx runbooks/doctor.ts --env prod',
    aws: (...words) => ['aws', ...words].join(' '),
    cdk: (...words) => ['npx', 'cdk', ...words].map(shellWord).join(' '),
    runbook: (name, ...args) => [`npx tsx runbooks/${name}.ts`, ...args].join(' '),
    file: 'settings.prod.json',
    start: 'npm start',
    deploy: 'npm run deploy -- --env prod',
  };
}

test('commands of the CDK and the AWS CLI name the profile that the doctor was given', () => {
  const context = {
    target: { environment: 'dev', profile: 'ops', trackingTable: 'files', projectionTable: 'projected' },
    variables: {},
    deps: { storage: { buckets: {} } },
    again: () => 'again',
    commandLine: () => 'a runbook',
    now: 0,
  } as unknown as RunContext;
  const { aws, cdk, deploy } = askedOf(context, 'us-east-1');
  expect(cdk('import', 'dev/*')).toBe("npx cdk import 'dev/*' --profile ops");
  expect(deploy).toBe('npm run deploy -- --env dev --profile ops');
  expect(judgeErrors(new Map([['stats', 2]]), { ...asked(), aws, now: 86_400_000 }).remedy?.run).toBe(
    `aws logs filter-log-events --log-group-name /aws/lambda/stats --start-time 0 --filter-pattern '?ERROR ?"Task timed out"' --region us-east-1 --profile ops`,
  );
});

describe('the place', () => {
  const me = { account: '123456789012', arn: 'arn:aws:iam::123456789012:user/ops', userId: 'AIDAOPS' };

  test('is that of the stream', () => {
    expect(judgePlace(me, asked())).toMatchObject({ level: 'ok' });
    expect(judgePlace(me, { ...asked(), region: 'eu-west-1' })).toMatchObject({ level: 'problem' });
    expect(judgePlace({ ...me, account: '210987654321' }, asked())).toMatchObject({ level: 'problem' });
  });

  test('that no setting names is a warning with the lines to add', () => {
    const { level, remedy } = judgePlace(me, asked({}));
    expect(level).toBe('warning');
    expect(remedy?.say).toContain('"account": "123456789012", "region": "us-east-1"');
  });
});

describe('the table', () => {
  const keys = (hash: string, range: string) => [
    { AttributeName: hash, KeyType: 'HASH' as const },
    { AttributeName: range, KeyType: 'RANGE' as const },
  ];
  const index = {
    IndexName: 'status-index',
    KeySchema: keys('status', 'date_prefix'),
    Projection: { ProjectionType: 'ALL' as const },
    IndexStatus: 'ACTIVE' as const,
  };
  const on = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' as const };

  test('has the keys of the pipeline', () => {
    const right = { KeySchema: keys('date_prefix', 'file_key'), TableStatus: 'ACTIVE' as const };
    expect(judgeTable(right, asked())).toMatchObject({ level: 'ok' });
    expect(judgeTable({ ...right, KeySchema: keys('pk', 'sk') }, asked())).toMatchObject({
      level: 'problem',
    });
    expect(judgeTable({ ...right, TableStatus: 'DELETING' }, asked())).toMatchObject({ level: 'problem' });
  });

  test('has an index with all attributes that holds all records', () => {
    const judged = (changes: object) =>
      judgeIndex({ GlobalSecondaryIndexes: [{ ...index, ...changes }] }, asked());
    expect(judged({})).toMatchObject({ level: 'ok' });
    expect(judged({ Projection: { ProjectionType: 'KEYS_ONLY' } })).toMatchObject({ level: 'problem' });
    expect(judged({ IndexStatus: 'CREATING' })).toMatchObject({ level: 'problem' });
    expect(judged({ KeySchema: keys('status', 'file_key') })).toMatchObject({ level: 'problem' });
    expect(judged({ IndexName: 'by-status' }).remedy?.say).toContain('"status_index": "by-status"');
    expect(judgeIndex({}, asked())).toMatchObject({ level: 'problem' });
  });

  test('has the stream that the settings name', () => {
    const judged = (changes: object, settings = asked()) =>
      judgeStream(
        { StreamSpecification: on, LatestStreamArn: STREAM, TableName: 'files', ...changes },
        settings,
      );
    expect(judged({})).toEqual({
      level: 'ok',
      found: 'on, with new and old images, since 2026-11-23 05:22:46Z',
    });
    expect(judged({ StreamSpecification: undefined })).toMatchObject({
      level: 'problem',
      found: 'it is off',
    });
    const half = { ...on, StreamViewType: 'NEW_IMAGE' };
    expect(judged({ StreamSpecification: half }).found).toBe(
      'it carries NEW_IMAGE, needed: NEW_AND_OLD_IMAGES',
    );
    const other = `${TABLE}/stream/2026-11-24T00:00:00.000`;
    expect(judged({ LatestStreamArn: other }).remedy?.say).toContain(`{"stream_arn": "${other}"}`);
    expect(judged({}, asked({}))).toMatchObject({ level: 'problem', found: 'the settings do not name it' });
    expect(judged({}, asked({ tracking_table: { create: true } }))).toMatchObject({ level: 'ok' });
  });

  test('expires its records', () => {
    expect(judgeExpiry({ attribute: 'ttl', on: true }, asked())).toMatchObject({ level: 'ok' });
    expect(judgeExpiry({ attribute: 'other', on: true }, asked())).toMatchObject({ level: 'warning' });
    expect(judgeExpiry({ attribute: undefined, on: false }, asked())).toMatchObject({ level: 'warning' });
  });
});

describe('encryption', () => {
  const own = asked({ kms_keys: { input: KEY } });
  test.each([
    ['ok', undefined, asked()],
    ['ok', 'arn:aws:kms:us-east-1:123456789012:alias/aws/s3', asked()],
    ['warning', KEY, asked()],
    ['ok', KEY, own],
    ['ok', KEY.replace(/.*\//, ''), own],
    ['problem', KEY.replace('1111', '9999'), own],
    ['problem', undefined, own],
  ])('%s: %s', (level, key, settings) => {
    expect(judgeKey({ key, setting: 'input' }, settings)).toMatchObject({ level });
  });
});

describe('the lifecycle of a bucket', () => {
  const rule = (days: number | undefined, changes: Partial<LifecycleRule> = {}): LifecycleRule => ({
    Status: 'Enabled',
    Filter: { Prefix: '' },
    ...(days !== undefined && { Expiration: { Days: days } }),
    ...changes,
  });
  const levelOf = (...rules: LifecycleRule[]) => judgeLifecycle('input', rules, asked()).level;

  test('is that of the settings, whatever shorter prefix a rule names', () => {
    expect(levelOf(rule(7))).toBe('ok');
    expect(levelOf(rule(7, { Filter: { Prefix: 'pipeline/' } }))).toBe('ok');
    expect(
      levelOf(rule(7), rule(undefined, { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } })),
    ).toBe('ok');
  });

  test('is not that of a rule that is off, or for other objects, or for some of them', () => {
    expect(levelOf(rule(7, { Status: 'Disabled' }))).toBe('warning');
    expect(levelOf(rule(7, { Filter: { Prefix: 'logs/' } }))).toBe('warning');
    expect(levelOf(rule(7, { Filter: { Tag: { Key: 'a', Value: 'b' } } }))).toBe('warning');
    expect(
      levelOf(rule(7), rule(3, { Filter: { And: { Prefix: '', Tags: [{ Key: 'a', Value: 'b' }] } } })),
    ).toBe('ok');
  });

  test('that differs is reported with the setting and its value', () => {
    expect(judgeLifecycle('input', [rule(14), rule(30)], asked())).toEqual({
      level: 'warning',
      found: 'pipeline/input/: expires after 14 days, in the settings: expires after 7 days',
      remedy: {
        say: 'Verdicts depend on it: set pipeline.input.expire_days to 14 in settings.prod.json, and deploy.',
      },
    });
    expect(judgeLifecycle('input', [rule(1)], asked()).found).toContain('expires after 1 day,');
    expect(judgeLifecycle('manifest', [], asked()).remedy?.say).toContain('manifests.expire_days to null');
  });

  test('of quarantined copies is checked under their own prefix', () => {
    const copies = [rule(30, { Filter: { Prefix: 'pipeline/input/' } })];
    expect(judgeLifecycle('quarantine', copies, asked())).toMatchObject({ level: 'ok' });
  });
});

test('a missing bucket is a problem, except where there is no pipeline yet', () => {
  expect(judgePresence('input', 'missing', asked())).toMatchObject({ level: 'problem' });
  const local = { ...asked(), local: true, start: 'STATE_MANAGER_PORT=5900 npm start' };
  expect(judgePresence('input', 'missing', local).remedy?.run).toBe(local.start);
  expect(judgePresence('input', 'in another region', asked())).toMatchObject({ level: 'problem' });
  const created = asked({ tracking_table: { create: true } });
  expect(judgePresence('input', 'missing', created)).toMatchObject({ level: 'warning' });
});

test.each([
  ['CREATE_COMPLETE', 'ok'],
  ['UPDATE_COMPLETE', 'ok'],
  ['UPDATE_ROLLBACK_COMPLETE', 'warning'],
  ['UPDATE_IN_PROGRESS', 'warning'],
  ['REVIEW_IN_PROGRESS', 'warning'],
  ['ROLLBACK_COMPLETE', 'problem'],
  ['ROLLBACK_FAILED', 'problem'],
  ['CREATE_FAILED', 'problem'],
  ['DELETE_FAILED', 'problem'],
  ['UPDATE_ROLLBACK_FAILED', 'problem'],
])('a stack in %s is: %s', (status, level) => {
  const judged = judgeStack({ status, terminationProtection: false, resources: [] }, asked());
  expect(judged).toMatchObject({ level, found: expect.stringContaining(status) });
  if (level !== 'ok') expect(judged.remedy?.run).toMatch(/^(aws|npm|npx) /);
});

test('kept data is protected: both the stack and its tables', () => {
  const judged = (stack: boolean, tables: string[], file?: object) =>
    judgeProtection({ stack, tables, all: ['projection'] }, asked(file));
  expect(judged(true, [])).toMatchObject({ level: 'ok' });
  expect(judged(false, []).remedy?.run).toContain('update-termination-protection');
  expect(judged(true, ['projection']).remedy?.run).toContain('--deletion-protection-enabled');
  expect(judged(false, ['projection'], { keep_data: false })).toMatchObject({ level: 'ok' });
});

test('a name that somebody else has is reported with the setting to change', () => {
  const judged = (existing: string[], ours: string[], kept = true) =>
    judgeNames({ existing, ours }, () => 'projection_table.name', kept, asked());
  expect(judged([], [])).toEqual({ level: 'ok', found: 'free' });
  expect(judged(['a'], ['a'])).toEqual({ level: 'ok', found: '1 name in use by the stack' });
  expect(judged(['a', 'b'], ['a'])).toMatchObject({
    level: 'problem',
    found: 'taken, but not by the stack ndjson-parquet-state-manager-prod: b',
    remedy: {
      say: expect.stringContaining('set projection_table.name in settings.prod.json'),
      run: "npx cdk import 'prod/*' --context environment=prod",
    },
  });

  expect(judged(['b'], [], false).remedy?.run).toContain('--physical-resource-id b');
});

test('an alarm named like ours may block the first deployment, but no later one', () => {
  const judged = (others: string[], deployed: boolean) => judgeAlarmNames({ others, deployed }, asked());
  expect(judged([], false)).toEqual({ level: 'ok', found: 'free' });
  expect(judged(['x-blind'], false)).toMatchObject({
    level: 'warning',
    found: expect.stringContaining('x-blind'),
    remedy: { say: expect.stringContaining('names.alarms in settings.prod.json') },
  });
  expect(judged(['x-blind'], true).level).toBe('ok');
});

test('a topic of somebody else exists, and CloudWatch may use its key', () => {
  const judged = (attributes?: Record<string, string>) => judgeTopic({ attributes }, asked());
  expect(judgeTopic(undefined, asked())).toEqual({ level: 'ok', found: 'the stack creates its own topic' });
  expect(judged()).toMatchObject({ level: 'problem', found: expect.stringContaining('does not exist') });
  expect(judged({ TopicArn: 'arn' }).level).toBe('ok');
  expect(judged({ TopicArn: 'arn', KmsMasterKeyId: 'alias/aws/sns' })).toMatchObject({
    level: 'problem',
    remedy: { run: expect.stringContaining('set-topic-attributes --topic-arn arn') },
  });
  expect(judged({ TopicArn: 'arn', KmsMasterKeyId: KEY })).toMatchObject({
    level: 'warning',
    remedy: {
      say: expect.stringContaining('kms:GenerateDataKey*'),
      run: expect.stringContaining(`aws kms get-key-policy --key-id ${KEY}`),
    },
  });
});

describe('the projection', () => {
  const table = { KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' as const }] };
  const none = { pending: 0, manifested: 0, processing: 0, completed: 0, failed: 0, quarantined: 0 };
  const stats = {
    stats: none,
    total: 0,
    manifests: { stats: none, total: 0 },
    arrivals: none,
    in_flight: lateOf(0),
    as_of: '2026-11-23T11:59:58Z',
    lag_seconds: 2,
    last_audit: null,
    dead_letters_waiting: null,
  };
  const judged = (changes: object, records = 5) =>
    judgeProjection({ table, stats: { ...stats, ...changes }, records }, asked());

  test('is well when it follows the stream, or has nothing to follow', () => {
    expect(judged({})).toMatchObject({ level: 'ok', found: expect.stringContaining('2s ago') });
    expect(judged({ as_of: null, lag_seconds: null }, 0)).toMatchObject({ level: 'ok' });
    expect(judged({ as_of: null, lag_seconds: null, total: 5 })).toMatchObject({
      level: 'ok',
      found: expect.stringContaining('counted from the records; no change from the stream yet'),
    });
  });

  test('that has counted nothing of what is there, lags, or has dead letters waiting, is a warning', () => {
    const uncounted = judged({ as_of: null, lag_seconds: null });
    expect(uncounted).toMatchObject({ level: 'warning', remedy: { run: 'npx tsx runbooks/rebuild.ts' } });
    expect(judged({ lag_seconds: 4_000 })).toMatchObject({ level: 'warning' });
    const letters = judged({ dead_letters_waiting: { at: '2026-11-23T11:00:00Z', waiting: 3 } });
    expect(letters).toMatchObject({
      level: 'warning',
      found: expect.stringContaining('3 dead letters are waiting'),
    });
  });

  test('that is missing, or another table, is a problem', () => {
    const missing = { table: undefined, stats: undefined, records: 0 };
    expect(judgeProjection(missing, asked())).toMatchObject({ level: 'problem' });
    const other = { KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' as const }] };
    expect(judgeProjection({ table: other, stats, records: 0 }, asked())).toMatchObject({ level: 'problem' });
  });
});

test('an alarm without numbers is a problem, unless it is too new to have any', () => {
  const alarm = { name: 'blind', state: 'INSUFFICIENT_DATA', silent: false, young: false } as const;
  const rings = { name: 'drift', state: 'ALARM', silent: false, young: false } as const;
  const judged = (...alarms: Parameters<typeof judgeAlarms>[0]['alarms']) => judgeAlarms({ alarms }, asked());
  expect(judged({ ...alarm, young: true })).toEqual({
    level: 'later',
    found: 'no data yet for blind; check again in 15 minutes',
  });
  expect(judged({ ...alarm, silent: true })).toMatchObject({ level: 'problem' });
  expect(judged({ ...alarm, young: true }, rings)).toMatchObject({
    level: 'problem',
    found: 'in alarm: drift',
  });
});

test('it is a warning if nobody is notified of alarms', () => {
  expect(judgeSubscriptions({ topic: 'arn', subscriptions: [] }, asked())).toMatchObject({
    level: 'warning',
  });
  const endpoint = 'https://pages.example/alarms';
  const pager = { topic: 'arn', subscriptions: [{ protocol: 'https', endpoint, pending: true }] };
  expect(judgeSubscriptions(pager, asked()).remedy?.run).toContain(
    `--protocol https --notification-endpoint ${endpoint}`,
  );
});

test('on a terminal of 80 columns no line is longer, and a backslash continues commands', () => {
  const run =
    'aws dynamodb update-table --table-name ndjson-parquet-sqs-file-tracking-prod --stream-specification StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES';
  const finding = {
    check: 'quarantine encryption',
    level: 'problem' as const,
    found: 'one of many words that do not fit into what is left of a line of a narrow terminal',
    remedy: { say: 'Do this, and then something else that takes as many words to be told as this has.', run },
  };
  const long = {
    ...finding,
    found: 'one function: ndjson-parquet-state-management-projection-rebuild-staging',
  };
  const groups = [{ heading: 'Group', findings: [finding, { ...long, check: 'other' }] }];
  const lines = doctorView({ environment: 'prod', groups }).lines?.({ width: 80, colorize: plain }) ?? [];
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  const command = lines.slice(lines.findIndex((line) => line.includes('aws dynamodb')));
  const pasted = command.slice(0, command.findIndex((line) => !line.endsWith('\\')) + 1).join('\n');
  expect(pasted.replace(/\\\n/g, '').split(/\s+/).filter(Boolean).join(' ')).toBe(run);
  expect(lines.filter((line) => line.includes('aws dynamodb'))).toHaveLength(1);
  expect(lines.at(-1)).toBe('prod: 0 ok, 2 problems, 0 warnings, 0 unknown. Not all is well.');
});
