import { expect, test } from 'vitest';
import { aimVariables } from '../../../shared/cli/aim-variables.ts';

const SHELL = {
  ENVIRONMENT: 'dev',
  TRACKING_TABLE: 'tracking-2',
  PROJECTION_TABLE: 'projection 2',
  AWS_PROFILE: 'ops',
  AWS_SECRET_ACCESS_KEY: 'secret',
  HOME: '/home/ops',
};

const targetOf = (environment: string, region?: string) => ({
  environment,
  home: { account: undefined, region },
});

test('variables of the shell that decided the target stand before a printed command; keys do not', () => {
  expect(aimVariables(targetOf('dev'), {}, SHELL)).toEqual([
    'ENVIRONMENT=dev',
    'TRACKING_TABLE=tracking-2',
    "PROJECTION_TABLE='projection 2'",
    'AWS_PROFILE=ops',
  ]);
});

test('a flag that was typed wins over its variable, which is then not printed', () => {
  const flags = { env: 'prod', table: 'a', projectionTable: 'b', profile: 'c' };
  expect(aimVariables(targetOf('prod'), flags, SHELL)).toEqual([]);
});

test('for the system on this machine, only its tables and its address are printed', () => {
  const shell = { ...SHELL, ENVIRONMENT: 'local', AWS_REGION: 'eu-central-1', STATE_MANAGER_PORT: '5800' };
  const { TRACKING_TABLE: _, PROJECTION_TABLE: __, ...withoutTables } = shell;
  expect(aimVariables(targetOf('local'), {}, withoutTables)).toEqual(['STATE_MANAGER_PORT=5800']);
  expect(aimVariables(targetOf('local'), {}, shell)).toContain('TRACKING_TABLE=tracking-2');
  expect(aimVariables(targetOf('local'), {}, {})).toEqual([]);
});

test('a folder of settings and an endpoint for all services are printed: they decide the target, too', () => {
  const shell = { STATE_MANAGER_SETTINGS: '../our settings', AWS_ENDPOINT_URL: 'http://10.0.0.1:8000' };
  const printed = ["STATE_MANAGER_SETTINGS='../our settings'", 'AWS_ENDPOINT_URL=http://10.0.0.1:8000'];
  for (const environment of ['prod', 'local'])
    expect(aimVariables(targetOf(environment), { env: environment }, shell)).toEqual(printed);
});

test('a region that the settings name as well is not printed; another one is', () => {
  const target = targetOf('prod', 'eu-central-1');
  expect(aimVariables(target, {}, { AWS_REGION: 'eu-central-1' })).toEqual([]);
  expect(aimVariables(target, {}, { AWS_REGION: 'us-east-1' })).toEqual(['AWS_REGION=us-east-1']);
});
