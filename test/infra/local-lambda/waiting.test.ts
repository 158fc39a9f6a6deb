import { expect, test } from 'vitest';
import { createIdleness } from '../../../infra/local-lambda/waiting.ts';

async function isOver(promise: Promise<void>): Promise<boolean> {
  return Promise.race([promise.then(() => true), new Promise<boolean>((done) => setImmediate(done, false))]);
}

test('a read that began before the question proves nothing', async () => {
  const idleness = createIdleness();
  idleness.onList()(['a']);
  const earlier = idleness.onRead('a');
  const idle = idleness.wait();
  idleness.onList()(['a']);
  earlier();
  expect(await isOver(idle)).toBe(false);
  idleness.onRead('a')();
  expect(await isOver(idle)).toBe(true);
});

test('a list of shards from before the question proves nothing', async () => {
  const idleness = createIdleness();
  const earlier = idleness.onList();
  const idle = idleness.wait();
  idleness.onRead('a')();
  earlier(['a']);
  expect(await isOver(idle)).toBe(false);
  idleness.onList()(['a']);
  expect(await isOver(idle)).toBe(true);
});

test('every listed shard counts, begun or not, and one that has ended is done', async () => {
  const idleness = createIdleness();
  const idle = idleness.wait();
  idleness.onList()(['a', 'b']);
  idleness.onRead('a')();
  expect(await isOver(idle)).toBe(false);
  idleness.onEnd('b');
  expect(await isOver(idle)).toBe(true);
});

test('a stop rejects everyone who is waiting', async () => {
  const idleness = createIdleness();
  const idle = idleness.wait();
  idleness.stop();
  await expect(idle).rejects.toThrow('The stream runner has been stopped.');
});
