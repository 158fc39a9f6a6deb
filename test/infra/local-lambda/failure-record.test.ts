import { expect, test } from 'vitest';
import { failureKey, failureRecord } from '../../../infra/local-lambda/on-failure.ts';
import { lambdaRecords } from '../../support/lambda-records.ts';

const RECORDS = lambdaRecords(2);
const DISCARD = {
  condition: 'RetryAttemptsExhausted' as const,
  records: RECORDS,
  invokeCount: 4,
  functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:consumer',
  streamArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/tracking/stream/2026-11-23T05:22:46.000',
  shardId: 'shardId-00000001795413900482-c493ef36',
  requestId: '316aa6d0-8154-4a2b-9af7-85d5f4a6bc81',
  at: new Date('2026-11-23T05:30:40.500Z'),
};

test('exhausted retries are recorded in the documented form, with the whole event', () => {
  expect(failureRecord({ ...DISCARD, functionError: 'Unhandled' })).toStrictEqual({
    requestContext: {
      requestId: DISCARD.requestId,
      functionArn: DISCARD.functionArn,
      condition: 'RetryAttemptsExhausted',
      approximateInvokeCount: 4,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: '2026-11-23T05:30:40.500Z',
    DDBStreamBatchInfo: {
      shardId: DISCARD.shardId,
      startSequenceNumber: '000000000000000000001',
      endSequenceNumber: '000000000000000000002',
      approximateArrivalOfFirstRecord: '2026-11-23T05:23:01Z',
      approximateArrivalOfLastRecord: '2026-11-23T05:23:02Z',
      batchSize: 2,
      streamArn: DISCARD.streamArn,
    },
    payload: JSON.stringify({ Records: RECORDS }),
  });
});

test('a failure that the function reported has no function error', () => {
  expect(failureRecord(DISCARD).responseContext).toHaveProperty('functionError', null);
});

test('a record that became too old has no response, and counts at least one invocation', () => {
  const record = failureRecord({ ...DISCARD, condition: 'RecordAgeExceeded', invokeCount: 0 });
  expect(record).not.toHaveProperty('responseContext');
  expect(record.requestContext.approximateInvokeCount).toBe(1);
});

test('the key follows the naming of Lambda', () => {
  expect(failureKey('mapping-1', 'shardId-1', DISCARD.at, 'unique-1')).toBe(
    'aws/lambda/mapping-1/shardId-1/2026/11/23/2026-11-23T05.30.40-unique-1',
  );
});
