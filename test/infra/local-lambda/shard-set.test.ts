import type { _Record as SdkRecord } from '@aws-sdk/client-dynamodb-streams';
import { expect, test } from 'vitest';
import { startStreamRunner } from '../../../infra/local-lambda/runner.ts';
import { memoryCheckpoints } from '../../../infra/local-lambda/shards.ts';
import { fakeStream } from '../../support/fake-stream.ts';

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

async function run(shards: ReturnType<typeof family>, checkpoints = memoryCheckpoints()) {
  const delivered: (string | undefined)[] = [];
  const { streams, calls } = fakeStream(shards);
  const runner = await startStreamRunner({
    streams,
    streamArn: 'arn:stream',
    functionArn: 'arn:function',
    settings: SETTINGS,
    checkpoints,
    pollMilliseconds: 1,
    async invoke(event) {
      delivered.push(...event.Records.map(({ eventID }) => eventID));
      return { payload: null };
    },
  });
  return { runner, delivered, calls };
}

test('a shard is read after the end of its parent, whatever the order of the list', async () => {
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

test('what was finished before is not read again, its children are', async () => {
  const checkpoints = memoryCheckpoints();
  await checkpoints.save('root', { finished: true });
  const { runner, delivered } = await run(family(), checkpoints);
  await runner.idle();
  await runner.stop();
  expect(delivered).toEqual(['3', '4', '5']);
  expect(await checkpoints.load('child')).toEqual({ finished: true });
  expect(await checkpoints.load('grandchild')).toEqual({ afterSequenceNumber: '5' });
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
