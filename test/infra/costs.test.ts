import { expect, test } from 'vitest';
import {
  ASSUMED,
  type CostInputs,
  flowOf,
  hoursPerDay,
  monthlyCosts,
  writeDollars,
} from '../../infra/cost-model.ts';
import { MEASURED, prodInventory, totalCost } from '../../infra/costs.ts';
import { startsPerDay } from '../../infra/inventory.ts';
import { unitsOfBatches } from '../../infra/measured-units.ts';
import { METRICS, type MetricForm } from '../../shared/metrics/names.ts';
import { deployed, propertiesOf } from '../support/deployed-templates.ts';
import { watchedMetrics } from '../support/metric-names.ts';

const { template: prod } = deployed('prod');
const inventory = prodInventory();
const inputs: CostInputs = { inventory, units: MEASURED };
const provisioned = {
  ...inputs,
  inventory: prodInventory({
    capacity: { mode: 'provisioned', write: { least: 1, most: 9 }, read: { least: 1, most: 9 } },
  }),
};

test('what is counted is what the template of prod has', () => {
  expect(inventory.metrics).toHaveLength(watchedMetrics(prod).length);
  const alarms = propertiesOf(prod, 'AWS::CloudWatch::Alarm');
  const looks = alarms.map(({ Metrics }) =>
    Array.isArray(Metrics) ? Metrics.filter(({ MetricStat }) => MetricStat !== undefined).length : 1,
  );
  expect(inventory).toMatchObject({
    alarmMetrics: looks.reduce((sum, count) => sum + count, 0),
    dashboards: propertiesOf(prod, 'AWS::CloudWatch::Dashboard').length,
    mappingMetrics: 0,
    logDays: 90,
    capacity: { mode: 'on_demand' },
    startsPerDay: { 'orphan-sweep': 4, stats: 24, audit: 1, watchdog: 720 },
  });
  for (const { FunctionName, MemorySize } of propertiesOf(prod, 'AWS::Lambda::Function')) {
    const [, part = ''] = /^ndjson-parquet-state-management-(.*)-prod$/.exec(String(FunctionName)) ?? [];
    expect(inventory.functionGigabytes[part], part).toBe(Number(MemorySize) / 1_024);
  }
});

test('no metric is published that nobody looks at', () => {
  const watched = new Set(inventory.metrics.map(({ service, name }) => `${service} ${name}`));
  const published = Object.entries(METRICS).flatMap(([service, metrics]) =>
    Object.entries<MetricForm>(metrics)
      .filter(([, { inLogOnly }]) => !inLogOnly)
      .map(([name]) => `${service} ${name}`),
  );
  expect(published.filter((metric) => !watched.has(metric))).toEqual([]);
});

test('a metric is billed for the hours in which it gets a number', () => {
  const hours = (service: string, name: string) =>
    hoursPerDay({ service, name, of: undefined }, inventory.startsPerDay);
  expect(hours('stream-consumer', 'FilesSettled')).toBe(24);
  expect(hours('stream-consumer', 'DeadLetters')).toBe(ASSUMED.hoursOfRareMetrics);
  expect(hours('stats-publisher', 'Files')).toBe(4);
  expect(hours('orphan-sweep', 'OrphansInFlight')).toBe(4);
  expect(hours('orphan-sweep', 'Orphans')).toBe(ASSUMED.hoursOfRareMetrics);
  expect(hours('consistency-audit', 'NewIssues')).toBe(1);
  expect(hours('watchdog', 'Blind')).toBe(24);
});

test('schedules are read as they are written', () => {
  expect(
    ['rate(2 minutes)', 'cron(5 * * * ? *)', 'cron(10 0/6 * * ? *)', 'cron(30 3 * * ? *)'].map(startsPerDay),
  ).toEqual([720, 24, 4, 1]);
  expect(() => startsPerDay('at(2026-01-01T00:00:00)')).toThrow('at(2026-01-01T00:00:00)');
});

test('batches cost what was measured at the measured flows and windows, and in between in between', () => {
  for (const { filesPerDay, windowSeconds, writeUnitsPerTransition } of MEASURED.batches) {
    const stream = { batchSize: 1e9, windowSeconds };
    const units = { ...MEASURED, streamRecordBytes: 1 };
    expect(unitsOfBatches(filesPerDay, { stream }, units).writeUnitsPerTransition).toBe(
      writeUnitsPerTransition,
    );
  }
  const at = (windowSeconds: number, batchSize = 10_000) =>
    unitsOfBatches(338_000, { stream: { batchSize, windowSeconds } }, MEASURED).writeUnitsPerTransition;
  expect(at(3)).toBeLessThan(at(1));
  expect(at(3)).toBeGreaterThan(at(5));
  // A batch that is full before its window ends is no larger for it.
  expect(at(300, 100)).toBe(at(60, 100));
  expect(at(300, 100)).toBeGreaterThan(at(300));
});

test('a payload of 6 MB ends a batch, whatever its window and size', () => {
  const stream = { batchSize: 10_000, windowSeconds: 300 };
  const { recordsPerBatch } = unitsOfBatches(10_000_000, { stream }, MEASURED);
  expect(recordsPerBatch * MEASURED.streamRecordBytes).toBeLessThanOrEqual(6_000_001);
});

test('writes cost what their units cost, or what is held ready for them', () => {
  const [writes] = monthlyCosts(10_000_000, inputs);
  expect(writes?.dollars).toBeCloseTo((flowOf(10_000_000, inputs).writeUnits * 0.625) / 1e6);
  expect(writeDollars(1e6, { mode: 'on_demand' })).toBeCloseTo(0.625);
  // 70 units a second for a month: 100 are held ready.
  const { capacity } = provisioned.inventory;
  expect(writeDollars(70 * 30 * 86_400, capacity)).toBeCloseTo(100 * 720 * 0.00065);
});

test('provisioned capacity costs at least its minimum, however few files there are', () => {
  const bounds = { write: { least: 10, most: 10_000 }, read: { least: 5, most: 2_000 } };
  const held = prodInventory({ capacity: { mode: 'provisioned', ...bounds } });
  const [writes, reads] = monthlyCosts(1, { ...inputs, inventory: held });
  expect(writes?.dollars).toBeCloseTo(10 * 720 * 0.00065);
  expect(reads?.dollars).toBeCloseTo(5 * 720 * 0.00013);
});

test('auto-scaling brings alarms of its own, which are billed', () => {
  expect(provisioned.inventory.capacity.mode).toBe('provisioned');
  expect(provisioned.inventory.alarmMetrics).toBe(inventory.alarmMetrics + 8);
});

test('a file costs less the more there are', () => {
  expect(totalCost(338_000, inputs) / 338_000).toBeLessThan(totalCost(10_000, inputs) / 10_000);
  expect(totalCost(10_000_000, inputs) / 10_000_000).toBeLessThan(totalCost(338_000, inputs) / 338_000);
});

test('a month costs at most 12, 60 and, with provisioned capacity, 1,000 dollars', () => {
  expect(totalCost(10_000, inputs)).toBeLessThan(12);
  expect(totalCost(338_000, inputs)).toBeLessThan(60);
  expect(totalCost(10_000_000, provisioned)).toBeLessThan(1_000);
});
