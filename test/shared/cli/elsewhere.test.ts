import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { elsewhereText } from '../../../shared/cli/elsewhere.ts';
import { findTarget } from '../../../shared/cli/target.ts';
import { runRunbook } from '../../support/runbook.ts';
import { settingsFolder } from '../../support/settings-folder.ts';

const HOME = '111122223333';
const OTHER = '444455556666';

/** The answer of AWS to the question whose credentials these are. */
const sts = createServer((_request, response) => {
  response.setHeader('content-type', 'text/xml');
  response.end(
    `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::${OTHER}:user/ops</Arn><UserId>u</UserId><Account>${OTHER}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
  );
});
let endpoint: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => sts.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(sts.address() as AddressInfo).port}`;
});

afterAll(() => void sts.close());

const shell = (settings: object, more = {}) => ({
  ...settingsFolder({ 'settings.staging.json': settings }),
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'key',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_ENDPOINT_URL_STS: endpoint,
  ...more,
});
const RESET = ['--env', 'staging', '--hours', '2', '--apply', '--reason', 'x', '--yes'];

test('a change is refused in another account than that of the settings, before anything is read', async () => {
  const { code, stdout, stderr } = await runRunbook('reset-stuck', RESET, shell({ account: HOME }));
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  expect(stderr).toContain(`the account is ${OTHER}, expected: ${HOME}. Nothing was written.`);
});

test('a change is refused where AWS does not say which account it is', async () => {
  const unreachable = shell({ account: HOME }, { AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1' });
  const { code, stderr } = await runRunbook('reset-stuck', RESET, unreachable);
  expect(code).toBe(3);
  expect(stderr).toContain(`the account is unknown, expected: ${HOME}. Nothing was written.`);
});

test('a change is refused in another region, unless --region names it', async () => {
  const variables = shell({ account: HOME, region: 'eu-central-1' });
  const shown = await runRunbook('reset-stuck', RESET, variables);
  expect(shown.stderr).toContain('the region is us-east-1, expected: eu-central-1');
  const typed = await runRunbook('reset-stuck', [...RESET, '--region', 'us-east-1'], variables);
  expect(typed.stderr).not.toContain('the region is');
});

test('nothing is said if the settings name no place, or the place is the right one', () => {
  const here = { account: OTHER, region: 'us-east-1' };
  const targetOf = (settings: object, more = {}) =>
    findTarget({ env: 'staging' }, shell(settings, more)).target;
  expect(elsewhereText(targetOf({}), here)).toBeUndefined();
  expect(elsewhereText(targetOf({ account: OTHER, region: 'us-east-1' }), here)).toBeUndefined();
  expect(elsewhereText(targetOf({ account: HOME }), here)).toContain(
    'where staging is, according to its settings',
  );
  const behind = { AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1' };
  expect(elsewhereText(targetOf({ account: HOME }, behind), here)).toBeUndefined();
});
