import { beforeAll, expect, test } from 'vitest';
import {
  type MappingState,
  readStream,
  reasonsForBlindness,
  type StreamState,
} from '../../../shared/aws/stream-health.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';

const STREAM = 'arn:aws:dynamodb:us-east-1:000000000000:table/files/stream/2026-11-23T05:22:46.000';
const MAPPING: MappingState = { state: 'Enabled', lastResult: 'OK', streamArn: STREAM };
const ON: StreamState = { enabled: true, latestArn: STREAM };
const NEWER = STREAM.replace('2026-11-23', '2026-11-25');
let aws: LocalAws;

beforeAll(async () => {
  aws = await localAws({ streamed: true });
});

test.each<[string, Partial<MappingState>]>([
  ['works', {}],
  ['has had nothing to do in a quiet night', { lastResult: 'No records processed' }],
  ['was never asked', { lastResult: undefined }],
  ['was just made', { state: 'Creating', lastResult: 'No records processed' }],
  ['is being changed by a deployment', { state: 'Updating' }],
  ['is being switched on', { state: 'Enabling' }],
])('a mapping that %s does not make the projection blind', (_, mapping) => {
  expect(reasonsForBlindness({ ...MAPPING, ...mapping }, ON)).toEqual([]);
});

test.each<[string, MappingState | undefined, StreamState | undefined, string]>([
  ['is switched off', { ...MAPPING, state: 'Disabled' }, ON, 'is disabled'],
  ['is being switched off', { ...MAPPING, state: 'Disabling' }, ON, 'is disabling'],
  ['is being deleted', { ...MAPPING, state: 'Deleting' }, ON, 'is deleting'],
  ['is gone', undefined, ON, 'no mapping'],
  ['fails', { ...MAPPING, lastResult: 'PROBLEM: Function call failed' }, ON, 'PROBLEM: Function call failed'],
  ['has a stream that is off', MAPPING, { ...ON, enabled: false }, 'stream is off'],
  ['has a stream that was off and on', MAPPING, { ...ON, latestArn: NEWER }, NEWER],
  ['has no table', MAPPING, undefined, 'no tracking table'],
])('a mapping that %s makes the projection blind, and the reason says so', (_, mapping, stream, reason) => {
  const reasons = reasonsForBlindness(mapping, stream);
  expect(reasons).toHaveLength(1);
  expect(reasons[0]).toContain(reason);
});

test('every reason is given', () => {
  expect(
    reasonsForBlindness({ ...MAPPING, state: 'Disabled', lastResult: 'PROBLEM' }, { ...ON, enabled: false }),
  ).toHaveLength(3);
});

test('the stream of a table is read from the description of the table', async () => {
  expect(await readStream(aws.dynamoDb, aws.trackingTable)).toEqual({
    enabled: true,
    latestArn: expect.stringContaining(`table/${aws.trackingTable}/stream/`),
  });
});

test('a table without a stream and a table that does not exist are distinguished', async () => {
  expect(await readStream(aws.dynamoDb, aws.projectionTable)).toMatchObject({ enabled: false });
  expect(await readStream(aws.dynamoDb, 'no-such-table')).toBeUndefined();
});
