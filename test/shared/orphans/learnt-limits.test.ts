import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { judgeLimits } from '../../../runbooks/doctor/limits.ts';
import { meterReads } from '../../../shared/aws/read-meter.ts';
import { dates as datesView } from '../../../shared/dashboard/dates.ts';
import { getStats } from '../../../shared/operations/get-stats.ts';
import { learnLimits, readLearntLimits, roundedUp } from '../../../shared/orphans/learnt-limits.ts';
import { markupOf } from '../../../shared/page-kit/html.ts';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import type { CounterItem } from '../../../shared/projection/counters.ts';
import { bucketOf } from '../../../shared/projection/log-buckets.ts';
import { pipelineProfile } from '../../../shared/settings/pipeline-profile.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { operationDeps } from '../../support/operations.ts';
import { applyDeps } from '../../support/projection.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';
import { context, textOf } from '../dashboard/view-data.ts';

const NOW = Date.parse('2026-11-23T06:00:00Z');
const DATES = Array.from({ length: 8 }, (_, i) => `2026-11-${10 + i}`);
const HOUR = 3_600;
const counted = (profile: object = {}) => pipelineProfile.parse({ counters: { flow: true }, ...profile });
let aws: LocalAws;

/** As its writer left it, second by second; what was reset is pending again. */
function life(table: ReturnType<typeof streamedTable>, file: string, date: string, steps: readonly Step[]) {
  let at = Date.parse(`${date}T00:00:00Z`);
  const created_at = new Date(at).toISOString();
  const upload = table.write(file, { ...uploaded(), created_at }, date);
  return [
    upload,
    ...steps.map(([status, seconds]) => {
      at += seconds * 1_000;
      return table.write(file, { status: `${status}#3`, updated_at: new Date(at).toISOString() }, date);
    }),
  ];
}
type Step = readonly [status: string, seconds: number];

/** 1,120 files: 3 in 100 wait 30 hours for a builder, 2 in 100 are stuck for 40 hours and reset, as many fail after 50. */
function lifeOf(i: number): readonly Step[] {
  const claimed: Step = ['manifested', i % 100 < 3 ? 30 * HOUR : HOUR];
  const completed: Step = ['completed', 20 * 60];
  if (i % 100 >= 98) return [claimed, ['pending', 40 * HOUR], ['manifested', HOUR], completed];
  if (i % 100 >= 96) return [claimed, ['failed', 50 * HOUR]];
  return [claimed, completed];
}

beforeAll(async () => {
  aws = await localAws();
  const table = streamedTable();
  const lives = Array.from({ length: 1_120 }, (_, i) =>
    life(table, `file-${i}`, DATES[i % DATES.length] ?? '', lifeOf(i)),
  );
  for (let from = 0; from < lives.length; from += 80) {
    const records = lives.slice(from, from + 80).flat();
    await consumeBatch(records, applyDeps(aws, { countsFlow: true }), {
      s3: aws.s3,
      bucket: aws.buckets.deadLetter,
    });
  }
}, 120_000);

const read = (profile = counted(), now = NOW) =>
  readLearntLimits({ docs: aws.documents, name: aws.projectionTable }, profile, now);

test('a limit that healthy files exceed is too tight, one far above is loose, and one without data waits', async () => {
  const { limits, ...from } = (await read()) ?? { limits: [] };
  expect(from).toEqual({ from: '2026-10-26', to: '2026-11-22', factor: 2 });
  const [pending, manifested, processing] = limits;
  expect(pending).toMatchObject({ verdict: 'tight', configured_hours: 24, learnt_hours: 60, dates: 8 });
  expect(pending).toMatchObject({
    setting: 'pipeline.limits.pending_hours',
    over_share: expect.closeTo(0.03, 2),
  });
  expect(manifested).toMatchObject({
    verdict: 'loose',
    configured_hours: 6,
    learnt_hours: 0.75,
    over_share: 0,
  });
  expect(processing).toEqual({
    status: 'processing',
    setting: 'pipeline.limits.processing_hours',
    configured_hours: 2,
    durations: 0,
    dates: 0,
    verdict: 'not_enough_data',
  });
});

test('nothing is learnt from files that were stuck and then reset or set to failed', async () => {
  const manifested = (await read())?.limits[1];
  expect(manifested).toMatchObject({ durations: 1_120 - 22 });
});

test('a limit close to the learnt one fits, and the factor comes from the settings', async () => {
  const limits = { pending_hours: 48, manifested_hours: 1, learnt_factor: 1.5 };
  const learnt = (await read(counted({ limits })))?.limits;
  expect(learnt?.map(({ verdict }) => verdict)).toEqual(['fits', 'fits', 'not_enough_data']);
  expect(learnt?.[0]).toMatchObject({ learnt_hours: 45 });
});

test('dates of the last four weeks count, and too few of them are not enough', async () => {
  const later = await read(counted(), NOW + 17 * 86_400_000);
  expect(later?.limits[0]).toMatchObject({ verdict: 'not_enough_data', dates: 6 });
});

test('get_stats shows them if durations of everything are requested, and not otherwise', async () => {
  const deps = { ...operationDeps(aws, NOW), profile: counted() };
  const { learnt_limits } = await getStats.run(deps, { durations: true });
  expect(learnt_limits).toEqual(await read());
  expect(await getStats.run(deps, {})).not.toHaveProperty('learnt_limits');
  expect(await getStats.run(deps, { durations: true, date_prefix: DATES[0] })).not.toHaveProperty(
    'learnt_limits',
  );
  const off = await getStats.run({ ...deps, profile: pipelineProfile.parse({}) }, { durations: true });
  expect(off.learnt_limits).toBeNull();
});

test('reading them takes at most one read unit for each of the 28 dates', async () => {
  const meter = meterReads(aws.dynamoDb);
  await readLearntLimits(operationDeps(aws).projection, counted(), NOW);
  aws.dynamoDb.middlewareStack.remove('readMeter');
  expect(meter.readUnits()).toBeGreaterThan(0);
  expect(meter.readUnits()).toBeLessThanOrEqual(28);
});

test('the page shows them beside the limits that are set, with the words to set them, and keeps them a while', async () => {
  const { projection, tracking } = operationDeps(aws, NOW);
  const source = (now: number) => ({
    ...{ tracking, projection, profile: counted(), now, timeRange: undefined, keepSample: () => [] },
    noteFault: (error: unknown) => {
      throw error;
    },
  });
  const drawn = async (now: number) =>
    textOf(
      markupOf(
        datesView.draw(await datesView.read({}, source(now)), { ...context, environment: 'prod' }, {}),
      ),
    );
  const text = await drawn(NOW);
  expect(text).toContain('limit of set p99 learnt');
  expect(text).toMatch(/pending 1d 1d \dh 2d 12h too tight: about 3\.\d% of healthy files stay longer/);
  expect(text).toContain('processing 2h not enough data yet: 0 of 1,000 durations, 0 of 7 dates');
  expect(text).toContain(
    'To set what was learnt, put "pipeline": {"limits": {"pending_hours": 60, "manifested_hours": 0.75}} into settings.prod.json, and deploy.',
  );
  const meter = meterReads(aws.dynamoDb);
  await drawn(NOW + 300_000);
  const kept = meter.readUnits();
  await drawn(NOW + 900_000);
  aws.dynamoDb.middlewareStack.remove('readMeter');
  expect(meter.readUnits() - kept).toBeGreaterThanOrEqual(kept + 4);
});

test('the doctor warns about a limit that is too tight, but not about one that is loose or waits for data', async () => {
  const learnt = await read();
  if (!learnt) throw new Error('nothing was read');
  const asked = {
    environment: 'prod',
    settings: { profile: counted() },
    runbook: (name: string, ...args: string[]) => [name, ...args].join(' '),
  } as unknown as Parameters<typeof judgeLimits>[1];
  const tight = judgeLimits(learnt, asked);
  expect(tight).toMatchObject({ level: 'warning', remedy: { run: 'stats --durations' } });
  expect(tight.found).toMatch(
    /^pending 1d \(too tight: about 3\.\d% of healthy files stay longer; learnt from p99 × 2: 2d 12h\)/,
  );
  expect(tight.remedy?.say).toContain('"pipeline": {"limits": {"pending_hours": 60}}');
  const others = learnt.limits.filter(({ verdict }) => verdict !== 'tight');
  expect(judgeLimits({ ...learnt, limits: others }, asked)).toMatchObject({ level: 'ok' });
  expect(judgeLimits(undefined, asked).found).toBe(
    'pending 1d, manifested 6h, processing 2h; none is learnt without counters.flow',
  );
});

const seconds = fc.double({ min: 0, max: 1e7, noNaN: true });

test('a learnt limit is never below what it is rounded from, and longer durations never make it shorter', () => {
  fc.assert(
    fc.property(
      fc.array(seconds, { minLength: 7, maxLength: 20 }),
      fc.nat(19),
      seconds,
      (given, at, more) => {
        const longer = given.map((each, i) => (i === at ? each + more : each));
        const [before, after] = [learntOf(given), learntOf(longer)];
        expect(after).toBeGreaterThanOrEqual(before);
        expect(before).toBeGreaterThanOrEqual(0.25);
      },
    ),
  );
  fc.assert(
    fc.property(seconds, seconds, (one, other) => {
      const [low, high] = [Math.min(one, other), Math.max(one, other)].map((each) => each / 3_600 + 1e-4);
      expect(roundedUp(low ?? 0)).toBeLessThanOrEqual(roundedUp(high ?? 0));
      expect(roundedUp(low ?? 0)).toBeGreaterThanOrEqual((low ?? 0) * (1 - 1e-9));
    }),
  );
});

/** The learnt limit of `pending` where each of these durations was seen 200 times, on a date of its own. */
function learntOf(durations: readonly number[]): number {
  const byDate = durations.map((each): CounterItem[] => [
    { pk: 'FLOW#date', sk: 'claimed#0', [`p${bucketOf(each)}`]: 200 },
  ]);
  const [pending] = learnLimits(byDate, counted());
  return pending && 'learnt_hours' in pending ? pending.learnt_hours : Number.NaN;
}

test('999 durations are not enough, nor are 1,000 of six dates', () => {
  const item = (count: number): CounterItem => ({ pk: 'FLOW#date', sk: 'claimed#0', p99: count });
  const verdictOf = (counts: readonly number[]) =>
    learnLimits(
      counts.map((count) => [item(count)]),
      counted(),
    )[0]?.verdict;
  expect(verdictOf([100, 100, 100, 100, 100, 100, 399])).toBe('not_enough_data');
  expect(verdictOf([100, 100, 100, 100, 100, 100, 400])).toBe('loose');
  expect(verdictOf([500, 100, 100, 100, 100, 100])).toBe('not_enough_data');
});
