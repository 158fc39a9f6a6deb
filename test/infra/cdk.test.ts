import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { settingsFolder } from '../support/settings-folder.ts';

function cdk(args: readonly string[], variables = {}) {
  const { PATH } = process.env;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'infra/cdk.ts', ...args],
    {
      env: { PATH, ...variables },
      encoding: 'utf8',
    },
  );
  return { status, stdout, stderr };
}

test('prod is not deployed while its table is a placeholder', () => {
  const { status, stderr } = cdk(['deploy', '--env', 'prod']);
  expect(status).toBe(2);
  expect(stderr).toContain('Set tracking_table.stream_arn in settings.prod.json');
});

test.each([[[]], [['--env']], [['--env', 'nowhere']], [['--env=nowhere']]])(
  'nothing is deployed with %j, and the allowed environments are named',
  (flags) => {
    const { status, stderr } = cdk(['deploy', ...flags]);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /--env.*, allowed: [\w, -]*\bdev, [\w, -]*\bprod[\w, -]*\.\nTo add one, .*\nFor example: npm run deploy -- --env dev\n$/,
    );
  },
);

test('an environment is known by its file alone, and its own file is named where something is missing', () => {
  const folder = settingsFolder({ 'settings.staging.json': {} });
  expect(cdk(['deploy', '--env', 'staging'], folder)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('Set tracking_table.stream_arn in settings.staging.json'),
  });
  expect(cdk(['deploy', '--env', 'dev'], folder).stderr).toContain('received "dev", allowed: staging.');
});

test('nothing is deployed with settings that cannot be used', () => {
  const folder = settingsFolder({ 'settings.staging.json': { schedules: 'on' } });
  expect(cdk(['deploy', '--env', 'staging'], folder)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining(
      'settings.staging.json: schedules: received "on", allowed: true or false.',
    ),
  });
});
