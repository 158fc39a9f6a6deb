import { expect, test } from 'vitest';
import { classifyFault } from '../../../shared/aws/faults.ts';
import { cancelled, named } from '../../support/faults.ts';

test.each([
  [
    'conditions and conflicts',
    cancelled('None', 'ConditionalCheckFailed', 'TransactionConflict'),
    'contended',
  ],
  ['a throttle among failed conditions', cancelled('ConditionalCheckFailed', 'ThrottlingError'), 'busy'],
  ['an item the table can never take', cancelled('ThrottlingError', 'ValidationError'), 'rejected'],
  ['an unknown reason', cancelled('None', 'AccessDenied'), 'fatal'],
  ['a malformed request', named('ValidationException'), 'rejected'],
  ['a throttle', named('ProvisionedThroughputExceededException'), 'busy'],
  ['a refused connection', Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), 'busy'],
  ['a fault of the service', Object.assign(new Error('500'), { $fault: 'server' }), 'busy'],
  ['a throttle of S3', named('SlowDown'), 'busy'],
  ['a failure of S3', named('InternalError'), 'busy'],
  ['missing permissions', named('AccessDeniedException'), 'fatal'],
  ['a missing table', named('ResourceNotFoundException'), 'fatal'],
  ['a bug', new TypeError('x is not a function'), 'fatal'],
])('%s is %3$s', (_name, error, fault) => {
  expect(classifyFault(error)).toBe(fault);
});
