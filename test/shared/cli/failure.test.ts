import { expect, test } from 'vitest';
import { expectedFailure } from '../../../shared/cli/failure.ts';
import { Refused, usageError } from '../../../shared/text/refused.ts';

const dev = {
  environment: 'dev',
  trackingTable: 'tracking-dev',
  projectionTable: 'projection-dev',
  profile: 'work',
  endpoint: undefined,
  start: 'npm start',
  production: false,
  approval: undefined,
  home: { account: undefined, region: undefined },
  names: { alarmPrefix: 'alarms', consumerFunction: 'consumer' },
};
const named = (name: string, message = 'as it says', more = {}) =>
  Object.assign(new Error(message), { name, ...more });

test.each([
  [
    'no credentials',
    named('CredentialsProviderError'),
    4,
    'No valid AWS credentials for dev in profile work',
  ],
  ['expired ones', named('ExpiredTokenException'), 4, 'No valid AWS credentials'],
  ['an ended login', named('TokenProviderError'), 4, 'No valid AWS credentials'],
  ['a missing permission', named('AccessDeniedException'), 4, 'not allowed to do this in dev'],
  [
    'a refused connection',
    named('Error', 'connect', { code: 'ECONNREFUSED' }),
    1,
    'Cannot reach AWS for dev',
  ],
  ['no answer in time', named('TimeoutError'), 1, 'Cannot reach AWS for dev'],
  ['a missing table', named('ResourceNotFoundException'), 1, 'tracking-dev or projection-dev'],
  [
    'a missing index',
    named('ValidationException', 'The table does not have the specified index: status-index'),
    1,
    'tracking-dev cannot list by status',
  ],
  ['no region', new Error('Region is missing'), 2, 'No AWS region is known for dev.'],
  ['throttling', named('ThrottlingException'), 1, 'DynamoDB is throttling requests'],
  ['a throttled transaction', named('ThrottlingError'), 1, 'DynamoDB is throttling requests'],
  ['throttling by S3', named('SlowDown'), 1, 'S3 is throttling requests'],
  [
    'a failure of DynamoDB',
    named('InternalServerError'),
    1,
    'A service of AWS failed, with InternalServerError',
  ],
  ['a failure of S3', named('InternalError'), 1, 'A service of AWS failed, with InternalError'],
  ['a service that is not there', named('ServiceUnavailable'), 1, 'A service of AWS failed'],
  ['a failure with a new name', named('Broken', 'now', { $fault: 'server' }), 1, 'A service of AWS failed'],
  [
    'a failure without a name',
    named('Unknown', 'UnknownError', { $metadata: { httpStatusCode: 503 } }),
    1,
    'A service of AWS failed',
  ],
  ['an answer of another server', named('Unknown'), 1, 'did not respond like DynamoDB'],
  [
    "a proxy's certificate",
    named('Error', 'self-signed certificate', { code: 'SELF_SIGNED_CERT_IN_CHAIN' }),
    1,
    'The certificate of AWS for dev is not trusted: self-signed certificate',
  ],
  [
    'a certificate for another name',
    named('Error', 'Hostname does not match', { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }),
    1,
    'The certificate of AWS for dev is not trusted',
  ],
  ['an unknown file', new Refused('FILE_NOT_FOUND', 'No record.', 'hint'), 1, 'No record.'],
  ['a refused request', new Refused('INVALID_INPUT', 'Wrong.', 'hint'), 2, 'Wrong.'],
  ['a request that came too late', new Refused('STATUS_CONFLICT', 'Moved on.', 'hint'), 3, 'Moved on.'],
  ['a missing bucket', named('NoSuchBucket'), 1, 'A bucket of dev does not exist'],
  ['a refused change', new Refused('STALE_PLAN', 'Stale.', 'hint'), 3, 'Stale.'],
  ['bad usage', usageError('Usage.', 'hint'), 2, 'Usage.'],
])('%s is told with what to do next', (_case, error, exitCode, message) => {
  const failure = expectedFailure(error, dev);
  expect(failure).toMatchObject({ exitCode, message: expect.stringContaining(message) });
  expect(failure?.hint).not.toBe('');
});

test('a reason that ends with a full stop does not end with two', () => {
  const reason = 'Connection timed out. Consider a longer requestTimeout.';
  expect(expectedFailure(named('TimeoutError', reason), dev)?.message).toBe(
    `Cannot reach AWS for dev: ${reason}`,
  );
  expect(expectedFailure(named('TimeoutError', ''), dev)?.message).toBe(
    'Cannot reach AWS for dev: no answer.',
  );
});

test('a local system that does not answer is started where it was looked for', () => {
  const local = { ...dev, environment: 'local', start: 'STATE_MANAGER_PORT=5900 npm start' };
  const refused = named('Error', 'connect', { code: 'ECONNREFUSED' });
  expect(expectedFailure(refused, local)?.hint).toContain('with STATE_MANAGER_PORT=5900 npm start, or');
});

test('any other error is reported as a bug', () => {
  expect(expectedFailure(new TypeError('x is undefined'), dev)).toBeUndefined();
  expect(expectedFailure(named('Error', 'no entry', { code: 'ENOENT' }), dev)).toBeUndefined();
  expect(expectedFailure('text', dev)).toBeUndefined();
  expect(expectedFailure(undefined, undefined)).toBeUndefined();
});
