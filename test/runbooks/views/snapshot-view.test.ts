import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { expect, test } from 'vitest';
import { snapshotLine, snapshotLines } from '../../../runbooks/views/snapshot-view.ts';
import { type MonitoringAnswer, monitoringOf, type Snapshot } from '../../../runbooks/views/snapshots.ts';
import { plain } from '../../../shared/cli/terminal.ts';
import { lateOf } from '../../support/ages.ts';

const counts = { pending: 3, manifested: 0, processing: 0, completed: 1_000, failed: 0, quarantined: 0 };
const names = { alarmPrefix: 'alarms-dev', consumerFunction: 'consumer-dev' };
const dev = { environment: 'dev', endpoint: undefined, names };

const snapshot = (monitoring: MonitoringAnswer): Snapshot => ({
  at: '2026-11-23T06:00:00.000Z',
  stats: {
    stats: counts,
    total: 1_003,
    manifests: { stats: { ...counts, pending: 0, completed: 7 }, total: 7 },
    arrivals: counts,
    in_flight: lateOf(Date.parse('2026-11-23T06:00:00Z')),
    as_of: '2026-11-23T05:59:58.000Z',
    lag_seconds: 1.5,
  },
  rates_per_minute: { ...counts, completed: 120 },
  oldest_in_flight: [
    {
      status: 'pending',
      date_prefix: '2026-11-23',
      file_key: 'old.ndjson',
      since: '2026-11-23T03:00:00.000Z',
      age_unknown: 0,
      is_certain: false,
    },
  ],
  monitoring,
  notices: [
    {
      ...{ version: 1, environment: 'dev', type: 'limit-kept', at: '2026-11-23T05:58:00Z' },
      id: 'dev/limit-kept/pending/2026-11-23T05:00:00Z',
      data: { status: 'pending', limit_hours: 8, since: '2026-11-23T05:00:00Z' },
    },
  ],
});

/** A client that gives these answers by command, or fails. */
function cloudWatch(answers: Readonly<Record<string, object>> | Error) {
  const client = new CloudWatchClient({ region: 'us-east-1' });
  client.middlewareStack.add(
    (_next, { commandName = '' }) =>
      async () => {
        if (answers instanceof Error) throw answers;
        return { output: { $metadata: {}, ...answers[commandName] }, response: {} };
      },
    { step: 'initialize' },
  );
  return () => client;
}

test('a terminal shows counts, rates, the oldest in flight and the alarms', async () => {
  const monitoring = await monitoringOf(
    dev,
    cloudWatch({
      DescribeAlarmsCommand: {
        MetricAlarms: [
          { AlarmName: 'drift', StateValue: 'ALARM' },
          { AlarmName: 'lag', StateValue: 'OK' },
          { AlarmName: 'blind', StateValue: 'INSUFFICIENT_DATA', InsufficientDataActions: ['a-topic'] },
          { AlarmName: 'new', StateValue: 'INSUFFICIENT_DATA', InsufficientDataActions: [] },
        ],
      },
      GetMetricStatisticsCommand: {
        Datapoints: [
          { Timestamp: new Date(2), Maximum: 2_500 },
          { Timestamp: new Date(1), Maximum: 9_000 },
        ],
      },
    }),
  )(0);
  const lines = snapshotLines(snapshot(monitoring), { width: 80, colorize: plain });
  expect(lines).toContain('pending          3        3     ≥3h  old.ndjson');
  expect(lines).toContain('completed    1,000      120');
  expect(lines).toContain('alarms     ALARM drift, blind (silent)');
  expect(lines).toContain('stream     read 2.5s after it happened');
  expect(lines).toContain('notice     2026-11-23 05:58:00Z  limit-kept pending');
  expect(lines).toContain('manifests  0 pending · 0 processing · 7 completed');
});

test('without CloudWatch everything else is shown, and why there are no alarms', async () => {
  const denied = Object.assign(new Error('not authorized'), { name: 'AccessDenied' });
  const monitoring = await monitoringOf(dev, cloudWatch(denied))(0);
  expect(snapshotLines(snapshot(monitoring), { width: 80, colorize: plain })).toContain(
    'alarms     not read: AccessDenied: not authorized',
  );
});

test('with a custom endpoint CloudWatch is not asked', async () => {
  const ask = monitoringOf({ ...dev, environment: 'local', endpoint: 'http://127.0.0.1:1' }, () => {
    throw new Error('no client was to be made');
  });
  expect(await ask(0)).toEqual({ unavailable: 'local has no CloudWatch' });
});

test('a log has the same on one line', () => {
  expect(snapshotLine(snapshot({ alarms: [], iterator_age_seconds: undefined }))).toBe(
    '2026-11-23T06:00:00Z pending=3 manifested=0 processing=0 completed=1000 failed=0 quarantined=0 ' +
      'total=1003 completed_per_minute=120 lag=1.5s oldest_pending=≥3h alarms=none',
  );
});
