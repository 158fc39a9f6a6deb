import { afterEach, expect, test, vi } from 'vitest';
import { cloudWatch, readMonitoring } from '../../../shared/aws/monitoring.ts';
import { answerAs } from '../../support/aws-answers.ts';

const MINUTE_MILLIS = 60_000;
const NOW = Date.parse('2026-11-23T12:00:00Z');
const NAMES = { consumerFunction: 'consumer', alarmPrefix: 'alarms-dev' };
const client = () =>
  cloudWatch({ AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key' });

afterEach(() => vi.restoreAllMocks());

/** @param configured minutes ago; @param changed its state, minutes ago */
async function alarmOf(configured: number, changed: number) {
  answerAs({
    DescribeAlarms: () => ({
      MetricAlarms: [
        {
          AlarmName: 'alarms-dev-blind',
          StateValue: 'INSUFFICIENT_DATA',
          InsufficientDataActions: ['a-topic'],
          AlarmConfigurationUpdatedTimestamp: new Date(NOW - configured * MINUTE_MILLIS),
          StateUpdatedTimestamp: new Date(NOW - changed * MINUTE_MILLIS),
        },
      ],
    }),
    GetMetricStatistics: () => ({ Datapoints: [] }),
  });
  return (await readMonitoring(client(), NAMES, NOW)).alarms[0];
}

test('an alarm without data counts as young for 15 minutes after its creation, and then as silent', async () => {
  expect(await alarmOf(14, 14)).toMatchObject({ young: true, silent: false });
  expect(await alarmOf(15, 15)).toMatchObject({ young: false, silent: true });
});

test('one that just lost its data, or was just deployed again without any, is silent', async () => {
  expect(await alarmOf(10_000, 1)).toMatchObject({ young: false, silent: true });
  expect(await alarmOf(1, 10_000)).toMatchObject({ young: false, silent: true });
});

test('alarms of an environment whose name begins the same way are not read', async () => {
  const prefixes: unknown[] = [];
  answerAs({
    DescribeAlarms({ AlarmNamePrefix }) {
      prefixes.push(AlarmNamePrefix);
      return { MetricAlarms: [] };
    },
    GetMetricStatistics: () => ({ Datapoints: [] }),
  });
  await readMonitoring(client(), NAMES, NOW);
  expect(prefixes).toEqual(['alarms-dev-']);
});
