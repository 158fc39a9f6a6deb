import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

function cdk(...args: string[]) {
  const { PATH } = process.env;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'infra/cdk.ts', ...args],
    {
      env: { PATH },
      encoding: 'utf8',
    },
  );
  return { status, stdout, stderr };
}

test('prod is not deployed while its table is a placeholder', () => {
  const { status, stderr } = cdk('deploy', '--env', 'prod');
  expect(status).toBe(2);
  expect(stderr).toContain('Set tracking_table.stream_arn in settings.prod.json');
});

test.each([[[]], [['--env']], [['--env', 'staging']], [['--env=staging']]])(
  'nothing is deployed with %j, and the allowed environments are named',
  (flags) => {
    const { status, stderr } = cdk('deploy', ...flags);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /--env.*, allowed: dev, prod\.\nTo add one, .*\nFor example: npm run deploy -- --env dev\n$/,
    );
  },
);
