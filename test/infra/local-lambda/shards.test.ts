import type { _Record as SdkRecord } from '@aws-sdk/client-dynamodb-streams';
import { expect, test } from 'vitest';
import { startStreamRunner } from '../../../infra/local-lambda/runner.ts';
import { readableShards } from '../../../infra/local-lambda/shards.ts';
import { type FakeShard, fakeStream } from '../../support/fake-stream.ts';

const SETTINGS = {
  batchSize: 10,
  maximumBatchingWindowSeconds: 0,
  maximumRetryAttempts: -1,
  maximumRecordAgeSeconds: -1,
  bisectBatchOnFunctionError: false,
  reportBatchItemFailures: true,
  startingPosition: 'TRIM_HORIZON' as const,
};

function family() {
  return [
    { id: 'grandchild', parentId: 'child', closed: false, records: [record('5')] },
    { id: 'root', parentId: 'trimmed', closed: true, records: [record('1'), record('2')] },
    { id: 'child', parentId: 'root', closed: true, records: [record('3'), record('4')] },
  ];
}

function record(SequenceNumber: string): SdkRecord {
  return { eventID: SequenceNumber, dynamodb: { SequenceNumber, Keys: {} } };
}

async function run(shards: FakeShard[]) {
  const delivered: (string | undefined)[] = [];
  const { streams, calls } = fakeStream(shards);
  const runner = await startStreamRunner({
    streams,
    streamArn: 'arn:stream',
    functionArn: 'arn:function',
    settings: SETTINGS,
    pollMilliseconds: 1,
    async invoke(event) {
      delivered.push(...event.Records.map(({ eventID }) => eventID));
      return { payload: null };
    },
  });
  return { runner, delivered, calls };
}

test('a shard is read after the end of its parent, regardless of the order of the list', async () => {
  const { runner, delivered, calls } = await run(family());
  await runner.idle();
  await runner.stop();
  expect(delivered).toEqual(['1', '2', '3', '4', '5']);
  expect(calls.indexOf('read child')).toBe(calls.indexOf('end root') + 1);
  expect(calls.indexOf('read grandchild')).toBe(calls.indexOf('end child') + 1);
});

test('a child that appears while the stream is read is found at the end of its parent', async () => {
  const shards = family().slice(1, 2);
  const { runner, delivered } = await run(shards);
  shards.push({ id: 'child', parentId: 'root', closed: false, records: [record('3')] });
  await expect.poll(() => delivered).toEqual(['1', '2', '3']);
  expect(runner.progress()).toMatchObject({ delivered: 3, shards: 1, problems: 0 });
  await runner.stop();
});

test('a shard that is trimmed away does not hold up its children', async () => {
  const shards = family();
  const [, root] = shards;
  if (root) root.closed = false;
  const { runner, delivered } = await run(shards);
  await expect.poll(() => delivered).toEqual(['1', '2']);
  shards.splice(1, 1);
  await runner.idle();
  await runner.stop();
  expect(delivered).toEqual(['1', '2', '3', '4', '5']);
});

const SHARDS = [
  { id: 'grandchild', parentId: 'child' },
  { id: 'root' },
  { id: 'child', parentId: 'root' },
  { id: 'other', parentId: 'trimmed long ago' },
];

function readable(begun: string[], finished: string[]): string[] {
  return readableShards(SHARDS, new Set(begun), new Set(finished)).map(({ id }) => id);
}

test('a shard waits for its parent to be read to its end', () => {
  expect(readable([], [])).toEqual(['root', 'other']);
  expect(readable(['root', 'other'], [])).toEqual([]);
  expect(readable(['other'], ['root'])).toEqual(['child']);
  expect(readable(['other'], ['root', 'child'])).toEqual(['grandchild']);
  expect(readable(['other', 'grandchild'], ['root', 'child'])).toEqual([]);
});

test('a record that cannot be converted is reported and left out, and later ones arrive', async () => {
  const odd = {
    ...record('2'),
    dynamodb: { SequenceNumber: '2', Keys: { file_key: { S: 'odd' } }, NewImage: { a: { X: '1' } } },
  };
  const nameless = { eventID: 'nameless', dynamodb: {} };
  const records = [record('1'), odd as unknown as SdkRecord, nameless, record('3')];
  const { runner, delivered } = await run([{ id: 'root', closed: false, records }]);
  await runner.idle();
  expect(delivered).toEqual(['1', '3']);
  expect(runner.progress()).toMatchObject({
    problems: 0,
    leftOut: 2,
    lastLeftOut: expect.stringContaining('nameless'),
  });
  await runner.stop();
});
