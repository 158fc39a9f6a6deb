import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { type LeaseDeps, withLease } from '../../../shared/reports/lease.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';

const OTHER = { pk: 'LEASE', sk: 'another-job', holder: 'somebody', state: 'held', until: 1 };
let aws: LocalAws;
let now: number;

beforeEach(async () => {
  aws = await localAws();
  now = Date.parse('2026-11-23T06:00:00Z');
  await aws.documents.send(new PutCommand({ TableName: aws.projectionTable, Item: OTHER }));
});

/** A clock that the test sets; nothing is renewed unless the test lets time pass. */
function deps(pause: LeaseDeps['pause'] = untilOver): LeaseDeps {
  return {
    projection: { docs: aws.documents, name: aws.projectionTable },
    clock: () => now,
    pause,
  };
}

const untilOver = (_: number, over: AbortSignal) =>
  new Promise((resolve) => over.addEventListener('abort', resolve));
const claim = (holder: string) => ({ job: 'orphan-sweep', holder }) as const;
const work = async () => 'swept';

async function stored(sk = 'orphan-sweep') {
  const get = new GetCommand({
    TableName: aws.projectionTable,
    Key: { pk: 'LEASE', sk },
    ConsistentRead: true,
  });
  return (await aws.documents.send(get)).Item;
}

/** An invocation that died: its lease is there, and nobody renews it. */
function crashed(holder: string) {
  return new Promise<void>((taken) => {
    void withLease(claim(holder), deps(), () => new Promise(() => taken()));
  });
}

test('of two that begin at the same time, one works, and the other learns which one', async () => {
  let free = () => {};
  // There before anybody begins: the other may be told before the first one has begun its work.
  const end = new Promise<string>((resolve) => (free = () => resolve('swept')));
  const slow = () => end;
  const both = ['a', 'b'].map((holder) => withLease(claim(holder), deps(), slow));
  const busy = await Promise.race(both);
  free();
  const results = await Promise.all(both);
  expect(results.map(({ kind }) => kind).sort()).toEqual(['busy', 'done']);
  const winner = results[0]?.kind === 'done' ? 'a' : 'b';
  expect(busy).toEqual({ kind: 'busy', holder: winner, until: now + 45_000 });
});

test('when it is done, the next request works at once, and another lease is untouched', async () => {
  expect(await withLease(claim('a'), deps(), work)).toEqual({
    kind: 'done',
    result: 'swept',
    retried: false,
  });
  expect(await withLease(claim('b'), deps(), work)).toEqual({
    kind: 'done',
    result: 'swept',
    retried: false,
  });
  expect(await stored('another-job')).toEqual(OTHER);
});

test('a request that is delivered again after it is done does nothing', async () => {
  await withLease(claim('a'), deps(), work);
  expect(await withLease(claim('a'), deps(), work)).toEqual({ kind: 'repeated' });
});

test('an error of the work is thrown, and a retry of the same request works at once and knows that it is a retry', async () => {
  const failing = withLease(claim('a'), deps(), () => Promise.reject(new Error('no such bucket')));
  await expect(failing).rejects.toThrow('no such bucket');
  expect(await withLease(claim('a'), deps(), work)).toMatchObject({ kind: 'done', retried: true });
});

test('after a failure another request works, too, and is no retry', async () => {
  await withLease(claim('a'), deps(), () => Promise.reject(new Error('broken'))).catch(() => undefined);
  expect(await withLease(claim('b'), deps(), work)).toMatchObject({ kind: 'done', retried: false });
});

test('the lease of a crashed process keeps others out until it ends; then the retry takes it over', async () => {
  await crashed('a');
  now += 44_999;
  expect(await withLease(claim('a'), deps(), work)).toMatchObject({ kind: 'busy', holder: 'a' });
  now += 1;
  expect(await withLease(claim('a'), deps(), work)).toMatchObject({ kind: 'done', retried: true });
});

test('the lease of a long run is renewed, so that it does not end before the run', async () => {
  const start = now;
  const running = withLease(claim('a'), deps(every(15_000, 20)), () => new Promise(() => {}));
  await expect
    .poll(async () => (await stored())?.until, { timeout: 20_000 })
    .toBe(start + 20 * 15_000 + 45_000);
  expect(await withLease(claim('b'), deps(), work)).toMatchObject({ kind: 'busy', holder: 'a' });
  void running;
});

test('a holder that has lost the lease is stopped, and does not take it back', async () => {
  let letPass = () => {};
  const pauseOnce = () => new Promise<void>((resolve) => (letPass = resolve));
  const stopped = withLease(claim('slow'), deps(pauseOnce), async (lost) => {
    now += 60_000;
    expect(await withLease(claim('next'), deps(), async () => 'swept')).toMatchObject({ kind: 'done' });
    letPass();
    await new Promise((resolve) => lost.addEventListener('abort', resolve));
    return 'stopped';
  });
  expect(await stopped).toMatchObject({ result: 'stopped' });
  expect(await stored()).toMatchObject({ holder: 'next', state: 'done' });
});

/** Lets time pass so many times, and then never again. */
function every(millis: number, times: number): LeaseDeps['pause'] {
  let passed = 0;
  return async (_, over) => {
    if (passed++ >= times) await untilOver(0, over);
    else now += millis;
  };
}
