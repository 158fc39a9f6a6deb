import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { localAws } from '../support/local-aws.ts';
import { checkSchedules } from './check-schedules.ts';
import { FAULT_KINDS } from './fault-kinds.ts';
import { runSchedule } from './run-schedule.ts';
import { schedule } from './schedule.ts';
import { createTally, type Ground } from './world.ts';

const RUNS = 300;

let ground: Ground;

beforeAll(async () => {
  const { dynamoDb, projectionTable } = await localAws();
  ground = { dynamoDb, table: projectionTable };
});

test('whatever befalls the stream and its consumers, counters and timelines come out as the files lived', async () => {
  const tally = createTally();
  expect(await checkSchedules({ seed: randomInt(2 ** 31), runs: RUNS }, ground, tally)).toEqual([]);

  const never = [...FAULT_KINDS, ...HAPPENINGS].filter((name) => tally.of(name) === 0);
  expect(never).toEqual([]);
}, 300_000);

/** What has to have happened besides faults, or the schedules prove nothing. */
const HAPPENINGS = [
  'second consumer on a shard',
  'batch from long ago',
  'batch out of order',
  'batches cut anew',
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
];

test('the same schedule makes the same calls, so that a seed is enough to see a failure again', async () => {
  for (const [i, given] of fc.sample(schedule, { seed: 7, numRuns: 20 }).entries()) {
    const [first, second] = [createTally(), createTally()];
    const { trace } = await runSchedule(given, `first-${i}`, ground, first);
    expect((await runSchedule(given, `again-${i}`, ground, second)).trace).toEqual(trace);
    expect(second.all()).toEqual(first.all());
  }
});
