import { expect, test } from 'vitest';
import { firstFailure } from '../../../infra/local-lambda/response.ts';
import { lambdaRecords } from '../../support/lambda-records.ts';

const RECORDS = lambdaRecords(3);
const SECOND = '000000000000000000002';

test.each([
  ['null', null],
  ['nothing', undefined],
  ['an empty string', ''],
  ['an empty list', []],
  ['an empty object', {}],
  ['no failures', { batchItemFailures: [] }],
  ['null failures', { batchItemFailures: null }],
])('%s is a complete success', (_name, payload) => {
  expect(firstFailure(RECORDS, { payload }, true)).toBeUndefined();
});

test.each([
  ['an empty identifier', [{ itemIdentifier: '' }]],
  ['a null identifier', [{ itemIdentifier: null }]],
  ['a number', [{ itemIdentifier: 2 }]],
  ['another key', [{ sequenceNumber: SECOND }]],
  ['an unknown identifier beside a known one', [{ itemIdentifier: SECOND }, { itemIdentifier: '7' }]],
  ['no object', [SECOND]],
  ['no list', SECOND],
])('%s fails the whole batch', (_name, batchItemFailures) => {
  expect(firstFailure(RECORDS, { payload: { batchItemFailures } }, true)).toBe(0);
});

test('a known identifier is the failure, unless the mapping does not take reports', () => {
  const payload = { batchItemFailures: [{ itemIdentifier: SECOND }] };
  expect(firstFailure(RECORDS, { payload }, true)).toBe(1);
  expect(firstFailure(RECORDS, { payload }, false)).toBeUndefined();
});

test('a function error fails the whole batch whatever the payload says', () => {
  const outcome = { payload: { batchItemFailures: [] }, functionError: 'Unhandled' };
  expect(firstFailure(RECORDS, outcome, true)).toBe(0);
});
