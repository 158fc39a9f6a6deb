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

test('variables of the shell that decided the target stand before a printed command; keys do not', () => {
  expect(aimVariables('dev', {}, SHELL)).toEqual([
    'ENVIRONMENT=dev',
    'TRACKING_TABLE=tracking-2',
    "PROJECTION_TABLE='projection 2'",
    'AWS_PROFILE=ops',
  ]);
});

test('a flag that was typed wins over its variable, which is then not printed', () => {
  const flags = { env: 'prod', table: 'a', projectionTable: 'b', profile: 'c' };
  expect(aimVariables('prod', flags, SHELL)).toEqual([]);
});

test('for the system on this machine, only its tables and its address are printed', () => {
  const shell = { ...SHELL, ENVIRONMENT: 'local', AWS_REGION: 'eu-central-1', STATE_MANAGER_PORT: '5800' };
  const { TRACKING_TABLE: _, PROJECTION_TABLE: __, ...withoutTables } = shell;
  expect(aimVariables('local', {}, withoutTables)).toEqual(['STATE_MANAGER_PORT=5800']);
  expect(aimVariables('local', {}, shell)).toContain('TRACKING_TABLE=tracking-2');
  expect(aimVariables('local', {}, {})).toEqual([]);
});
