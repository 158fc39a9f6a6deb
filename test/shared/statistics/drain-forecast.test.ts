import { expect, test } from 'vitest';
import type { FlowSample } from '../../../shared/projection/flow-samples.ts';
import { forecastDrain } from '../../../shared/statistics/drain-forecast.ts';
import { drainText } from '../../../shared/statistics/drain-text.ts';

const MINUTE = 60_000;
const NOW = Date.parse('2026-11-23T12:00:00Z');

/** Samples of the last minutes, every two; both functions tell how many there were until a minute before now. */
function flow(minutes: number, arrivedUntil: (ago: number) => number, settledUntil: (ago: number) => number) {
  return Array.from({ length: minutes / 2 + 1 }, (_, i): FlowSample => {
    const ago = minutes - 2 * i;
    const [arrived, settled] = [arrivedUntil(ago), settledUntil(ago)];
    return { at: NOW - ago * MINUTE, inFlight: arrived - settled, arrived, settled };
  });
}

const ask = (samples: readonly FlowSample[], given: object = {}) =>
  forecastDrain({ samples, lagMillis: 11_000, ages: [], maxFiles: 10, ...given });

/** 2,000 came long ago, ten a minute are settled: 1,400 are left. */
const steady = flow(
  60,
  () => 2_000,
  (ago) => (60 - ago) * 10,
);

test('a backlog that shrinks evenly drains once four fifths of it are done at that pace', () => {
  const forecast = ask(steady);
  expect(forecast).toEqual({
    state: 'drains',
    at: '2026-11-23T13:52:00.000Z',
    between: ['2026-11-23T13:30:00.000Z', '2026-11-23T14:30:00.000Z'],
    down_to: 280,
    rates: { arrived_per_hour: 0, arrived_minutes: 30, settled_per_hour: 600, minutes: 60 },
  });
  expect(drainText(forecast, NOW)).toBe(
    'drains at 2026-11-23 13:52:00Z (2026-11-23 13:30:00Z to 2026-11-23 14:30:00Z) except for 280; 0 per hour arrived in the last 30m and 600 settled in the last 60m',
  );
});

test('no time is forecast further ahead than three times as long as the pace was seen', () => {
  expect(ask(steady.slice(-16))).toEqual({
    state: 'unknown',
    reason: 'it would take longer than this pace was seen',
  });
});

test('a burst that is over does not count in the pace, but files that settled meanwhile do', () => {
  const burst = flow(
    60,
    (ago) => 1_000 + (60 - Math.max(30, ago)) * 60,
    (ago) => (60 - ago) * 20,
  );
  expect(ask(burst)).toMatchObject({
    state: 'drains',
    at: '2026-11-23T13:04:00.000Z',
    rates: { arrived_per_hour: 0, arrived_minutes: 30, settled_per_hour: 1_200, minutes: 60 },
  });
});

test('no time is forecast if a usual change of arrivals would change it much', () => {
  const arriving = flow(
    120,
    (ago) => 3_000 + (120 - ago) * 6,
    (ago) => (120 - ago) * 15,
  );
  expect(ask(arriving)).toEqual({ state: 'unknown', reason: 'it depends on how many more will come' });
});

test('no time is forecast for a pace that changes or is irregular', () => {
  const slowing = flow(
    60,
    () => 2_000,
    (ago) => (ago > 20 ? (60 - ago) * 20 : 800 + (20 - ago) * 4),
  );
  const fits = flow(
    60,
    () => 2_000,
    (ago) => Math.floor((60 - ago) / 25) * 300,
  );
  for (const samples of [slowing, fits])
    expect(ask(samples)).toEqual({ state: 'unknown', reason: 'the pace changes too much to tell' });
});

test('no time is forecast for the last 45 minutes, which depend on single manifests', () => {
  const almost = flow(
    60,
    () => 700,
    (ago) => (60 - ago) * 10,
  );
  expect(ask(almost)).toEqual({ state: 'nearly_clear', down_to: 20 });
});

test('if nothing has settled for half an hour, it has stood still since the last one', () => {
  const still = flow(
    60,
    () => 500,
    (ago) => (ago > 40 ? (60 - ago) * 10 : 200),
  );
  const forecast = ask(still);
  expect(forecast).toEqual({ state: 'stands_still', since: '2026-11-23T11:20:00.000Z' });
  expect(drainText(forecast, NOW)).toBe('stands still: nothing has settled for 40m');
});

test('if as many files arrive as settle, or more, it will not drain at this rate', () => {
  const growing = flow(
    60,
    (ago) => 1_000 + (60 - ago) * 12,
    (ago) => (60 - ago) * 10,
  );
  const forecast = ask(growing);
  expect(forecast).toMatchObject({
    state: 'will_not_drain',
    rates: { arrived_per_hour: 720, settled_per_hour: 600 },
  });
  expect(drainText(forecast, NOW)).toContain('will not drain at this rate: 720 per hour arrived');
});

test('files that arrived in the last 15 minutes, or wait for enough others, are not backlog', () => {
  const usual = flow(
    60,
    (ago) => 159 + (60 - ago) * 10,
    (ago) => (60 - ago) * 10,
  );
  expect(ask(usual)).toEqual({ state: 'clear', down_to: 159, stuck: 0 });
});

test('files that many others have overtaken are stuck, and not backlog either', () => {
  const flowing = flow(
    120,
    (ago) => 300 + (120 - ago) * 10,
    (ago) => (120 - ago) * 10,
  );
  const ages = [
    { from: Date.parse('2026-11-23T07:00:00Z'), count: 141 },
    { from: Date.parse('2026-11-23T11:00:00Z'), count: 159 },
  ];
  expect(ask(flowing)).toMatchObject({ state: 'will_not_drain' });
  const forecast = ask(flowing, { ages });
  expect(forecast).toEqual({ state: 'clear', down_to: 300, stuck: 141 });
  expect(drainText(forecast, NOW)).toBe('none except for 141 that do not move');
});

test('nothing is forecast without samples, with too few of them, or behind the stream', () => {
  const reason = (samples: readonly FlowSample[], given: object = {}) => {
    const forecast = ask(samples, given);
    return forecast.state === 'unknown' ? forecast.reason : forecast.state;
  };
  expect(reason([])).toBe('nothing was counted yet');
  expect(reason(steady, { lagMillis: undefined })).toBe('nothing was counted yet');
  expect(reason(steady, { lagMillis: 10 * MINUTE })).toBe('the counts are behind the stream');
  expect(reason(steady.slice(-1))).toBe('the flow is not watched');
  expect(reason([...steady.slice(0, 20), ...steady.slice(-1)])).toBe('the flow is not watched');
  expect(reason(steady.slice(-10))).toBe('the flow was not watched for long enough yet');
});
