import { describe, expect, test } from 'vitest';
import {
  countForBatch,
  firstFailure,
  nextStep,
  retryDelayMilliseconds,
  type SubBatch,
  separateExpired,
} from '../../../infra/local-lambda/batch.ts';
import { lambdaRecords, numbersOf } from '../../support/lambda-records.ts';

const SETTINGS = { maximumRetryAttempts: 2, bisectBatchOnFunctionError: true, reportBatchItemFailures: true };
const NO_BISECT = { ...SETTINGS, bisectBatchOnFunctionError: false };
const FAILED = { payload: { errorType: 'Error' }, functionError: 'Unhandled' };
const SUCCESS = { payload: { batchItemFailures: [] } };

function batchOf(count: number, failures = 0): SubBatch {
  return { records: lambdaRecords(count), failures };
}

function reporting(...numbers: number[]) {
  const identifiers = numbers.map((number) => String(number).padStart(21, '0'));
  return { payload: { batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })) } };
}

/** The rest as record numbers and failures, which is what matters here. */
function shapeOf({ kind, delivered, rest }: ReturnType<typeof nextStep>) {
  const batches = rest.map(({ records, failures }) => `${numbersOf(records).join(' ')} after ${failures}`);
  return { kind, delivered, rest: batches };
}

describe('after an invocation', () => {
  test('a success finishes the batch', () => {
    expect(nextStep(batchOf(3), SUCCESS, SETTINGS)).toEqual({ kind: 'advance', delivered: 3, rest: [] });
  });

  test('a failed batch is split in two, which uses up no retry', () => {
    const step = nextStep(batchOf(5, 1), FAILED, SETTINGS);
    expect(shapeOf(step)).toEqual({ kind: 'split', delivered: 0, rest: ['1 2 3 after 1', '4 5 after 1'] });
  });

  test('without bisection a failed batch is retried whole, until its retries are used up', () => {
    expect(shapeOf(nextStep(batchOf(2, 0), FAILED, NO_BISECT))).toMatchObject({
      kind: 'retry',
      rest: ['1 2 after 1'],
    });
    expect(shapeOf(nextStep(batchOf(2, 1), FAILED, NO_BISECT))).toMatchObject({
      kind: 'retry',
      rest: ['1 2 after 2'],
    });
    const last = nextStep(batchOf(2, 2), FAILED, NO_BISECT);
    expect(shapeOf(last)).toEqual({ kind: 'discard', delivered: 0, rest: ['1 2 after 3'] });
    expect(last.rest[0]?.ending).toEqual({ condition: 'RetryAttemptsExhausted', functionError: 'Unhandled' });
  });

  test('a single record is not split but retried', () => {
    expect(shapeOf(nextStep(batchOf(1), FAILED, SETTINGS))).toMatchObject({
      kind: 'retry',
      rest: ['1 after 1'],
    });
  });

  test('without a limit of retries nothing is ever discarded', () => {
    const step = nextStep(batchOf(1, 5000), FAILED, { ...SETTINGS, maximumRetryAttempts: -1 });
    expect(step.kind).toBe('retry');
  });

  test('delivery resumes at a reported failure, the lowest of several, with all its retries', () => {
    const step = nextStep(batchOf(5, 2), reporting(4, 3, 5), SETTINGS);
    expect(shapeOf(step)).toEqual({ kind: 'resume', delivered: 2, rest: ['3 4 5 after 0'] });
  });

  test('a failure reported at the first record is one of the whole batch', () => {
    expect(shapeOf(nextStep(batchOf(4), reporting(1), SETTINGS))).toMatchObject({
      kind: 'split',
      rest: ['1 2 after 0', '3 4 after 0'],
    });
    const discarded = nextStep(batchOf(4, 2), reporting(1), NO_BISECT);
    expect(discarded.rest[0]?.ending).toEqual({ condition: 'RetryAttemptsExhausted' });
  });
});

describe('the answer of a function', () => {
  const THREE = lambdaRecords(3);
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
    expect(firstFailure(THREE, { payload }, true)).toBeUndefined();
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
    expect(firstFailure(THREE, { payload: { batchItemFailures } }, true)).toBe(0);
  });

  test('a known identifier is the failure, unless the mapping does not take reports', () => {
    const payload = { batchItemFailures: [{ itemIdentifier: SECOND }] };
    expect(firstFailure(THREE, { payload }, true)).toBe(1);
    expect(firstFailure(THREE, { payload }, false)).toBeUndefined();
  });

  test('a function error fails the whole batch whatever the payload says', () => {
    const outcome = { payload: { batchItemFailures: [] }, functionError: 'Unhandled' };
    expect(firstFailure(THREE, outcome, true)).toBe(0);
  });
});

describe('records that became too old', () => {
  const seconds = (epoch: number) => new Date(epoch * 1000);

  test('are separated from the younger ones behind them', () => {
    const [expired, young] = separateExpired(batchOf(4, 1), 60, seconds(1_795_411_383 + 60)) ?? [];
    expect(numbersOf(expired?.records ?? [])).toEqual([1, 2]);
    expect(expired).toMatchObject({ failures: 1, ending: { condition: 'RecordAgeExceeded' } });
    expect(numbersOf(young?.records ?? [])).toEqual([3, 4]);
  });

  test('do not exist without a limit, or before it is reached', () => {
    expect(separateExpired(batchOf(4), -1, seconds(1_900_000_000))).toBeUndefined();
    expect(separateExpired(batchOf(4), 60, seconds(1_795_411_381 + 60))).toBeUndefined();
  });

  test('are not judged by a creation time that was cut to the minute', () => {
    const cut: SubBatch = { records: lambdaRecords(1, { createdSeconds: 1_795_411_380 }), failures: 0 };
    expect(separateExpired(cut, 60, seconds(1_795_411_380 + 119))).toBeUndefined();
    expect(separateExpired(cut, 60, seconds(1_795_411_380 + 121))).toBeDefined();
  });
});

describe('a batch', () => {
  test('has at most the batch size', () => {
    expect(countForBatch(lambdaRecords(7), 5)).toBe(5);
    expect(countForBatch(lambdaRecords(3), 5)).toBe(3);
  });

  test('has at most 6 MB, but at least one record', () => {
    const large = lambdaRecords(4).map((record) => ({ ...record, eventID: 'x'.repeat(2_500_000) }));
    expect(countForBatch(large, 100)).toBe(2);
    const huge = lambdaRecords(2).map((record) => ({ ...record, eventID: 'x'.repeat(7_000_000) }));
    expect(countForBatch(huge, 100)).toBe(1);
  });
});

test('the pauses before retries double up to ten seconds', () => {
  expect([1, 2, 3, 7, 8, 5000].map(retryDelayMilliseconds)).toEqual([100, 200, 400, 6400, 10_000, 10_000]);
});
