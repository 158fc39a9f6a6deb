/** @module-tag search */
import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { localAws } from '../support/local-aws.ts';
import { isLongSearch } from '../support/search.ts';
import { checkSchedules } from './check-schedules.ts';
import { FAULT_KINDS } from './fault-kinds.ts';
import { runSchedule } from './run-schedule.ts';
import { schedule } from './schedule.ts';
import { createTally, type Ground } from './world.ts';

const ROUND = 60;
const MOST_ROUNDS = 5;

/** A table that no schedule has run on. */
async function newGround(): Promise<Ground> {
  const { dynamoDb, projectionTable } = await localAws();
  return { dynamoDb, table: projectionTable };
}

test('whatever happens to the stream and its consumers, counters and timelines match what the files did', async () => {
  const tally = createTally();
  const never = () => [...FAULT_KINDS, ...HAPPENINGS].filter((name) => tally.of(name) === 0);
  for (let round = 1; round === 1 || (never().length > 0 && round <= MOST_ROUNDS); round++) {
    const selection = { seed: randomInt(2 ** 31), runs: ROUND };
    expect(await checkSchedules(selection, await newGround(), tally)).toEqual([]);
  }
  expect(never()).toEqual([]);
});

/** What has to have happened besides faults, or the schedules prove nothing. */
const HAPPENINGS = [
  'second consumer on a shard',
  'batch from long ago',
  'batch out of order',
  'batches cut again',
  'batch: split',
  'batch: retry',
  'consumer replaced',
  'clock went back',
  'stream restarted',
  'poison record',
  'duplicate recognised',
  'late event merged',
  'gap closed',
  'timeline page written',
  'glance in between',
  'conflict by the rules',
  'throttle by the rules',
  'slot merged',
  'counter tidied',
];

test('the same schedule makes the same calls, so a seed is enough to reproduce a failure', {
  tags: ['long'],
}, async () => {
  const ground = await newGround();
  for (const [i, given] of fc.sample(schedule, { seed: 7, numRuns: isLongSearch ? 20 : 8 }).entries()) {
    const [first, second] = [createTally(), createTally()];
    // Classes of failures are all that runs on one table share: after this they are known to both.
    await runSchedule(given, `before-${i}`, ground, createTally());
    const { trace } = await runSchedule(given, `first-${i}`, ground, first);
    expect((await runSchedule(given, `again-${i}`, ground, second)).trace).toEqual(trace);
    expect(second.all()).toEqual(first.all());
  }
});
