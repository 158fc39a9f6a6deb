import { expect, test, vi } from 'vitest';
import { publishNotVerified, publishRows } from '../../../shared/metrics/consistency-audit.ts';
import { type FunctionMetrics, functionMetrics } from '../../../shared/metrics/function-metrics.ts';
import { publishStats } from '../../../shared/metrics/stats-publisher.ts';
import { publishWatch } from '../../../shared/metrics/watchdog.ts';
import type { StatsReport } from '../../../shared/statistics/stats-report.ts';
import { publishedMetrics } from '../../support/metric-names.ts';

/** Notes what is added, as `name` or `name of`. */
function noted() {
  const names: string[] = [];
  const metrics: FunctionMetrics<'stats-publisher'> &
    FunctionMetrics<'watchdog'> &
    FunctionMetrics<'consistency-audit'> = {
    add: (name: string, _value: number, of?: string) =>
      void names.push(of === undefined ? name : `${name} ${of}`),
    publish: () => undefined,
  };
  return { names, metrics };
}

const counts = { pending: 1, manifested: 0, processing: 0, completed: 9, failed: 0, quarantined: 0 };

function reportAt(at: string): StatsReport {
  const common = { files: counts, manifests: counts, arrivals: counts };
  return { at, ...common, lagSeconds: 1, deadLettersWaiting: 0, unusualArrivals: 0 };
}

test('counts are published only every sixth hour, for each status of files and manifests', () => {
  for (const [at, published] of [
    ['2026-11-23T06:05:00.000Z', 14],
    ['2026-11-23T07:05:00.000Z', 2],
    ['2026-11-23T00:05:00.000Z', 14],
  ] as const) {
    const { names, metrics } = noted();
    publishStats(reportAt(at), metrics);
    expect(names, at).toHaveLength(published);
  }
});

test('an age is published only for late tasks', () => {
  const { names, metrics } = noted();
  const ages = { sweep: 7 * 3_600, statistics: 2 * 3_600 + 1, audit: 24 * 3_600 };
  publishWatch({ blind: false, ages, overdue: { pending: 0, manifested: 0, processing: 0 } }, metrics);
  expect(names.filter((name) => !name.startsWith('FilesOverdue'))).toEqual(['Blind', 'TaskAge statistics']);
});

test('rows are published once they are verified, and a date whose rows are not is counted', () => {
  const { names, metrics } = noted();
  const found = { lost: 1, twice: 0, partly: 0, unexpected: 0, elsewhere: 0 };
  publishRows({ proof: undefined, found, newFindings: 1 }, 5, metrics);
  expect(names).toEqual(['ReadUnitsConsumed']);
  publishNotVerified(metrics);
  expect(names.at(-1)).toBe('DataFindings not_verified');
});

test('a metric with `ifAny` is not published as 0, and without metrics no line is written', () => {
  // Powertools has a console of its own.
  const lines = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const warnings = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const metrics = functionMetrics('stream-consumer', 'test');
    metrics.add('DeadLetters', 0);
    metrics.publish();
    expect([...lines.mock.calls, ...warnings.mock.calls]).toEqual([]);
    metrics.add('FilesSettled', 0);
    metrics.add('TransitionsApplied', 3);
    metrics.add('DeadLetters', 2);
    metrics.publish();
    const [[line] = []] = lines.mock.calls;
    expect(JSON.parse(String(line))).toMatchObject({
      FilesSettled: 0,
      DeadLetters: 2,
      TransitionsApplied: '3',
    });
    // What stands in the log only is no metric there.
    expect(publishedMetrics(String(line)).map((metric) => metric.split(' ')[1])).toEqual([
      'FilesSettled',
      'DeadLetters',
    ]);
  } finally {
    lines.mockRestore();
    warnings.mockRestore();
  }
});
