import { expect, test } from 'vitest';
import { createPacer } from '../../../shared/flow/pacer.ts';

/** Time that passes only while somebody sleeps; who sleeps shortest wakes first. */
function virtualTime() {
  let now = 0;
  const sleepers: { readonly at: number; wake(): void }[] = [];
  return {
    clock: () => now,
    sleep: (millis: number) =>
      new Promise<void>((wake) => {
        sleepers.push({ at: now + millis, wake });
      }),
    pass(millis: number) {
      now += millis;
    },
    /** Wakes sleepers until the work is done. */
    async during(work: Promise<unknown>) {
      let isDone = false;
      const end = work.then(() => {
        isDone = true;
      });
      while (!isDone) {
        await new Promise((resolve) => setImmediate(resolve));
        sleepers.sort((a, b) => a.at - b.at);
        const next = sleepers.shift();
        if (!next) continue;
        now = Math.max(now, next.at);
        next.wake();
      }
      await end;
      return now;
    },
  };
}

/** Reads of so many units each, one after the other; when each of them began. */
async function reads(
  count: number,
  units: number,
  { ready, used }: ReturnType<typeof createPacer>,
  clock: () => number,
) {
  const begun: number[] = [];
  for (let i = 0; i < count; i++) {
    await ready();
    begun.push(clock());
    used(units);
  }
  return begun;
}

test('each read waits until the previous one is paid off', async () => {
  const time = virtualTime();
  const pacer = createPacer({ unitsPerSecond: 500, ...time });
  const work = reads(5, 100, pacer, time.clock);
  await time.during(work);
  expect(await work).toEqual([0, 200, 400, 600, 800]);
});

test('the first read begins at once, and a pause saves nothing up', async () => {
  const time = virtualTime();
  const pacer = createPacer({ unitsPerSecond: 500, ...time });
  await time.during(reads(1, 100, pacer, time.clock));
  time.pass(60_000);
  const work = reads(3, 100, pacer, time.clock);
  await time.during(work);
  expect(await work).toEqual([60_000, 60_200, 60_400]);
});

test('several callers stay within the rate together, except for one read each', async () => {
  const time = virtualTime();
  const pacer = createPacer({ unitsPerSecond: 1_000, ...time });
  const work = Promise.all(Array.from({ length: 8 }, () => reads(25, 128, pacer, time.clock)));
  await time.during(work);
  const begun = (await work).flat().sort((a, b) => a - b);
  for (const [i, at] of begun.entries()) {
    const after = begun.slice(i).filter((other) => other - at < 10_000).length * 128;
    expect(after).toBeLessThanOrEqual(10_000 + 8 * 128);
  }
  // And they are not slower than they may be.
  expect(begun.at(-1)).toBeLessThanOrEqual((200 * 128 * 1_000) / 1_000);
});

test('a timer that fires early is set again', async () => {
  let now = 0;
  const slept: number[] = [];
  const sleep = async (millis: number) => {
    slept.push(millis);
    now += slept.length === 1 ? millis - 1 : millis;
  };
  const pacer = createPacer({ unitsPerSecond: 10, clock: () => now, sleep });
  pacer.used(1);
  await pacer.ready();
  expect(slept).toEqual([100, 1]);
});
