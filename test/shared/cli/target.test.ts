import { expect, test } from 'vitest';
import { findTarget, type TargetFlags } from '../../../shared/cli/target.ts';
import { settingsFolder } from '../../support/settings-folder.ts';

const shell = {
  PATH: '/bin',
  AWS_ACCESS_KEY_ID: 'AKIA',
  AWS_SECRET_ACCESS_KEY: 's',
  AWS_REGION: 'eu-west-1',
};
const targetVariables = (flags: TargetFlags, variables = {}) => findTarget(flags, variables).variables;
const target = (flags: TargetFlags, variables = {}) => findTarget(flags, variables).target;

test('by default it is this machine: the local system and its database', () => {
  expect(targetVariables({}, { ...shell, AWS_PROFILE: 'work' })).toMatchObject({
    ENVIRONMENT: 'local',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:4801',
    TRACKING_TABLE: 'ndjson-parquet-sqs-file-tracking-local',
  });
  expect(targetVariables({}, { AWS_PROFILE: 'work' })).not.toHaveProperty('AWS_PROFILE');
});

test('the local system may have other ports', () => {
  const variables = targetVariables({}, { STATE_MANAGER_PORT: '5800' });
  expect(variables.AWS_ENDPOINT_URL_DYNAMODB).toBe('http://127.0.0.1:5801');
  expect(target({}, { STATE_MANAGER_PORT: '5800' }).start).toBe('STATE_MANAGER_PORT=5800 npm start');
  expect(target({}).start).toBe('npm start');
  expect(() => targetVariables({}, { STATE_MANAGER_PORT: '80' })).toThrow('received "80"');
});

test("a custom endpoint keeps the shell's credentials", () => {
  const own = { ...shell, AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:9' };
  expect(targetVariables({}, own)).toMatchObject(own);
  expect(targetVariables({ endpointUrl: 'http://127.0.0.1:8' }, own)).toMatchObject({
    AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:8',
    AWS_ACCESS_KEY_ID: 'AKIA',
  });
  expect(target({}, { AWS_ENDPOINT_URL: 'http://127.0.0.1:7' }).endpoint).toBe('http://127.0.0.1:7');
});

test('the flag wins over the variable, and table names follow the environment', () => {
  expect(target({ env: 'dev' }, { ENVIRONMENT: 'prod' })).toMatchObject({
    environment: 'dev',
    trackingTable: 'ndjson-parquet-state-manager-tracking-dev',
    projectionTable: 'ndjson-parquet-state-manager-dev',
    endpoint: undefined,
    production: false,
  });
  expect(target({}, { ENVIRONMENT: 'prod' })).toMatchObject({ environment: 'prod', production: true });
});

test('tables named by a variable win over the settings, and by a flag over both', () => {
  const variables = { ENVIRONMENT: 'dev', TRACKING_TABLE: 'mine' };
  expect(target({}, variables).trackingTable).toBe('mine');
  expect(target({ table: 'yours' }, variables).trackingTable).toBe('yours');
});

test("a production table is production's, whatever the environment is called", () => {
  for (const table of [
    'tracking-prod',
    'tracking_prod',
    'tracking-prod2',
    'ProdTracking',
    'myProd',
    'A.PRODUCTION',
  ])
    expect({ table, production: target({ env: 'dev', table }).production }).toEqual({
      table,
      production: true,
    });
  for (const table of ['products', 'reproduction', 'Products-a'])
    expect({ table, production: target({ env: 'dev', table }).production }).toEqual({
      table,
      production: false,
    });
});

test('a profile wins over keys in variables', () => {
  const variables = targetVariables({ env: 'dev', profile: 'work' }, shell);
  expect(variables).toMatchObject({ AWS_PROFILE: 'work', AWS_REGION: 'eu-west-1' });
  expect(variables).not.toHaveProperty('AWS_ACCESS_KEY_ID');
});

test('the region is also taken from where the AWS CLI has it', () => {
  expect(targetVariables({ env: 'dev' }, { AWS_DEFAULT_REGION: 'eu-west-3' }).AWS_REGION).toBe('eu-west-3');
});

test('a mistyped name is refused, even where the shell names tables', () => {
  const tables = { TRACKING_TABLE: 'a', PROJECTION_TABLE: 'b' };
  expect(() => target({ env: 'porduction' }, tables)).toThrow(
    '--env: received "porduction", allowed: local, ',
  );
  expect(() => target({}, { ENVIRONMENT: 'qa' })).toThrow('ENVIRONMENT: received "qa"');
  expect(target({ env: 'qa', table: 'a', projectionTable: 'b' }).environment).toBe('qa');
  expect(target({}, { ENVIRONMENT: 'qa', ...tables }).environment).toBe('qa');
});

test('a profile without an environment is refused: the target would silently be this machine', () => {
  expect(() => target({ profile: 'work' })).toThrow('--profile: received "work"');
});

const STREAM = 'arn:aws:dynamodb:eu-central-1:123456789012:table/files/stream/2026-11-23T05:22:46.000';
const FILES = {
  'settings.prod.json': {
    tracking_table: { stream_arn: STREAM },
    projection_table: { name: 'projected' },
    buckets: { input: 'my-input' },
    names: { alarms: 'my-alarms', functions: 'my' },
    pipeline: { builder: { max_files: 200 } },
  },
};

test('what is deployed is what a runbook works on: tables, buckets, names, region and the pipeline', () => {
  const place = findTarget({ env: 'prod' }, settingsFolder(FILES));
  expect(place.target).toMatchObject({
    trackingTable: 'files',
    projectionTable: 'projected',
    names: { alarmPrefix: 'my-alarms', consumerFunction: 'my-stream-consumer-prod' },
    home: { account: '123456789012', region: 'eu-central-1' },
  });
  expect(place.variables).toMatchObject({
    AWS_REGION: 'eu-central-1',
    INPUT_BUCKET: 'my-input',
    DEAD_LETTER_BUCKET: 'state-manager-dead-letters-prod-123456789012-eu-central-1',
  });
  expect(JSON.parse(place.variables.PIPELINE_PROFILE ?? '')).toMatchObject({ builder: { max_files: 200 } });
});

test("flags win over the shell's variables, and these over the settings", () => {
  const variables = { ...settingsFolder(FILES), TRACKING_TABLE: 'mine', AWS_DEFAULT_REGION: 'eu-west-3' };
  expect(target({ env: 'prod' }, variables).trackingTable).toBe('mine');
  expect(target({ env: 'prod', table: 'yours' }, variables).trackingTable).toBe('yours');
  expect(targetVariables({ env: 'prod' }, variables).AWS_REGION).toBe('eu-west-3');
  expect(targetVariables({ env: 'prod', region: 'eu-west-2' }, variables).AWS_REGION).toBe('eu-west-2');
});

test('an environment with a file is known, and production where its settings say so', () => {
  const variables = settingsFolder({
    'settings.staging.json': {},
    'settings.live.json': { production: true },
  });
  expect(target({ env: 'staging' }, variables)).toMatchObject({
    trackingTable: 'ndjson-parquet-sqs-file-tracking-staging',
    production: false,
  });
  expect(target({ env: 'live' }, variables).production).toBe(true);
  expect(() => target({ env: 'dev' }, variables)).toThrow('received "dev", allowed: local, live, staging.');
});

test('settings that cannot be used are refused as usage, with what is wrong', () => {
  const variables = settingsFolder({ 'settings.dev.json': { regoin: 'us-east-1' } });
  expect(() => target({ env: 'dev' }, variables)).toThrow('settings.dev.json: regoin: received "us-east-1"');
  expect(() => target({ env: 'dev' }, { STATE_MANAGER_SETTINGS: '/no/such' })).toThrow('received "/no/such"');
});

test('settings of this machine leave its addresses as they are', () => {
  const variables = settingsFolder({ 'settings.local.json': { pipeline: { shards: { count: 3 } } } });
  expect(targetVariables({}, { ...shell, ...variables })).toMatchObject({
    AWS_ACCESS_KEY_ID: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:4801',
  });
});
