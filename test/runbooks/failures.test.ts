import { beforeAll, expect, test } from 'vitest';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { ending, runRunbook, startRunbook } from '../support/runbook.ts';

let aws: LocalAws;

beforeAll(async () => {
  aws = await localAws();
});

test('--help prints to stdout and exits with 0, without credentials or a network', async () => {
  const { code, stdout, stderr } = await ending(startRunbook('stats', ['--help'], {}));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('npx tsx runbooks/stats.ts --env local');
});

test.each([
  ['a value that is no number', ['--limit', 'abc'], 2, '--limit: received "abc", allowed: a whole number'],
  ['an unknown environment', ['--env', 'porduction'], 2, 'received "porduction", allowed: local, dev, prod'],
  ['an unreachable endpoint', ['--endpoint-url', 'http://127.0.0.1:1'], 1, 'Start the local system'],
  ['a table that is not there', ['--table', 'none'], 1, 'does not exist: none'],
])('%s ends in a clear message and no stack trace', async (_case, args, expected, message) => {
  const all = ['--status', 'failed', ...args];
  const { code, stdout, stderr } = await runRunbook('files', all, aws.environment);
  expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(/^ +at /m);
});

test('missing credentials exit with 4 and say how to get some', async () => {
  const args = ['--env', 'dev', '--region', 'eu-central-1'];
  // A separate process: without credentials in variables, the SDK searches the machine for them.
  const { code, stdout, stderr } = await ending(startRunbook('stats', args, {}));
  expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
  expect(stderr).toContain('No valid AWS credentials for dev');
  expect(stderr).not.toMatch(/^ +at /m);
});

test('a server that answers but is not DynamoDB is reported as such', async () => {
  const { AWS_ENDPOINT_URL_S3: endpoint = '' } = aws.environment;
  const { code, stderr } = await runRunbook('stats', ['--endpoint-url', endpoint], aws.environment);
  expect(code).toBe(1);
  expect(stderr).toContain(`${endpoint} did not respond like DynamoDB.`);
});
