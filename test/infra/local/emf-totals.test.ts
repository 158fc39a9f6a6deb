import { expect, test } from 'vitest';
import { metricTotals } from '../../../infra/local/emf-totals.ts';

const document = (values: Record<string, unknown>) =>
  JSON.stringify({
    _aws: {
      Timestamp: 1,
      CloudWatchMetrics: [
        { Namespace: 'N', Dimensions: [[]], Metrics: Object.keys(values).map((Name) => ({ Name })) },
      ],
    },
    ...values,
  });

test('values and lists of values add up over documents', () => {
  const totals = metricTotals();
  totals.read(document({ Applied: 3, Seconds: [1, 2] }));
  totals.read(document({ Applied: 4 }));
  expect([totals.sum('Applied'), totals.sum('Seconds'), totals.sum('Other')]).toEqual([7, 3, 0]);
  expect([totals.latest('Seconds'), totals.latest('Other')]).toEqual([2, undefined]);
});

test('a number beside the metrics counts, and text there does not', () => {
  const totals = metricTotals();
  totals.read(JSON.stringify({ ...JSON.parse(document({ Applied: 3 })), Seen: '5', service: 'a' }));
  expect([totals.sum('Applied'), totals.sum('Seen'), totals.sum('service')]).toEqual([3, 5, 0]);
});

test('lines that are not metric documents are skipped', () => {
  const totals = metricTotals();
  for (const line of [
    'START RequestId: 1',
    '{"level":"INFO"}',
    '{"CloudWatchMetrics" broken',
    '"CloudWatchMetrics"',
  ]) {
    totals.read(line);
  }
  expect(totals.sum('Applied')).toBe(0);
});
