import { Duration } from 'aws-cdk-lib';
import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { BUCKET_PREFIXES } from '../../shared/aws/deployment-names.ts';
import type { MetricName } from '../../shared/metrics/names.ts';
import { besideAudit, queryAcknowledged, writeTo } from '../access.ts';
import type { AlarmDefinition } from '../alarms.ts';
import type { DashboardRow } from '../dashboard.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { type DeployedFunction, type FunctionDefinition, ownMetric, SHORT } from './function.ts';

export const streamConsumer: FunctionDefinition = {
  ...SHORT,
  handler: 'stream-consumer',
  description: "Keeps heads, timelines and counters up to date from the tracking table's stream",
  settings: ['environment', 'projectionTable', 'deadLetterBucket', 'pipelineProfile'],
  access: (resources) => [
    besideAudit(resources, 'Get', 'Put', 'Query', 'Update'),
    queryAcknowledged(resources),
    writeTo(BUCKET_PREFIXES.deadLetters, resources, 'A dead letter is named after its content.'),
  ],
};

const period = Duration.minutes(5);
const QUARTER_HOUR_MILLIS = 15 * 60_000;
const HALF_DAY_MILLIS = 12 * 3_600_000;

/** The alarms for a projection that lags behind the tracking table or has missed something. */
export function consumerAlarms(
  settings: Pick<EnvironmentSettings, 'environment' | 'failureAlarm'>,
  consumer: LambdaFunction,
): AlarmDefinition[] {
  const { environment } = settings;
  return [
    ...failureAlarms(settings),
    {
      name: 'iterator-age',
      description:
        "The projection is more than 15 minutes behind the tracking table. Look at the consumer's errors and throttles. Nothing is lost within the first 24 hours.",
      runbook: 'watch.ts',
      metric: consumer.metric('IteratorAge', { statistic: 'Maximum', period }),
      when: { above: QUARTER_HOUR_MILLIS },
      of: { bad: 3, periods: 3 },
    },
    {
      name: 'records-at-risk',
      description:
        'The projection is more than 12 hours behind the tracking table, whose stream keeps records for only 24 hours. Fix the consumer, or let Lambda move the oldest records to the dead letter bucket: docs/deploying.md has the command.',
      runbook: 'watch.ts',
      metric: consumer.metric('IteratorAge', { statistic: 'Maximum', period }),
      when: { above: HALF_DAY_MILLIS },
      // A first deployment reads everything that the stream holds within minutes.
      of: { bad: 6, periods: 6 },
    },
    {
      name: 'consumer-errors',
      description:
        'The stream consumer keeps failing. Its log says why. Nothing is lost within the first 24 hours.',
      runbook: 'watch.ts',
      metric: consumer.metricErrors({ period }),
      when: { above: 0 },
      of: { bad: 3, periods: 5 },
    },
    {
      name: 'records-unapplied',
      description:
        "The same records keep being delivered without being applied. The consumer's log says why.",
      runbook: 'watch.ts',
      metric: consumerMetric(environment, 'RecordsUnapplied'),
      when: { above: 0 },
      of: { bad: 3, periods: 5 },
    },
    {
      name: 'dead-letters',
      description: `A record could not be applied and is kept under ${BUCKET_PREFIXES.deadLetters} in the dead letter bucket. Read the reason there, fix the cause, and replay the record.`,
      runbook: 'replay-dead-letters.ts',
      metric: consumerMetric(environment, 'DeadLetters'),
      when: { above: 0 },
    },
    {
      name: 'new-failure-class',
      description:
        'Files fail for a cause that was never seen before. The consumer\'s log has its text: search for "never seen before". The value is the number of such causes.',
      runbook: 'failures.ts',
      metric: consumerMetric(environment, 'NewFailureClasses'),
      when: { above: 0 },
    },
  ];
}

// A job fails with all files of its manifest, so a few manifests say as much as many files.
const LEAST_MANIFESTS = 3;

/** The alarms for a large share of failures. */
function failureAlarms({
  environment,
  failureAlarm,
}: Pick<EnvironmentSettings, 'environment' | 'failureAlarm'>): AlarmDefinition[] {
  if (!failureAlarm) return [];
  const { share, leastFiles } = failureAlarm;
  const percent = Math.round(share * 1_000) / 10;
  const within = `more than ${percent}% of those that settled within 15 minutes`;
  return [
    {
      name: 'files-failed',
      description: `Files failed or were refused: ${within}, with at least ${leastFiles} settled. The value is their share in percent. Nothing retries them automatically.`,
      runbook: 'files.ts --status failed',
      metric: failedShare(environment, 'Files', leastFiles),
      when: { above: percent },
    },
    {
      name: 'manifests-failed',
      description: `Manifests failed: ${within}, with at least ${LEAST_MANIFESTS} settled. The value is their share in percent. The cause is the job or its input.`,
      runbook: 'manifests.ts --status failed',
      metric: failedShare(environment, 'Manifests', LEAST_MANIFESTS),
      when: { above: percent },
    },
  ];
}

/** In percent; 0 while fewer than `least` have settled. */
function failedShare(environment: string, of: 'Files' | 'Manifests', least: number): MathExpression {
  const quarterHour = Duration.minutes(15);
  const count = (name: MetricName<'stream-consumer'>) =>
    consumerMetric(environment, name).with({ period: quarterHour });
  return new MathExpression({
    // If nothing failed, the metric has no value, and without a value there would be no share.
    expression: `IF(settled >= ${least}, 100 * FILL(failed, 0) / settled, 0)`,
    label: 'failed, percent',
    usingMetrics: { settled: count(`${of}Settled`), failed: count(`${of}Failed`) },
    period: quarterHour,
  });
}

/** Metrics, and the status that each is about. */
const STAYS = [
  ['TimeInPending', 'pending'],
  ['TimeInManifested', 'manifested'],
  ['TimeInProcessing', 'processing'],
] as const;

/** How fast files move. */
export function flowRow(environment: string): DashboardRow {
  const stays = (statistic: string) =>
    STAYS.map(([name, label]) => consumerMetric(environment, name, statistic).with({ label }));
  return {
    heading: 'Flow',
    help: 'How many files leave each status in five minutes, and how long they stayed in it.',
    graphs: [
      // Each file that moved on has one value, so their number needs no metric of its own.
      { title: 'Files that moved on', metrics: stays('SampleCount') },
      {
        title: 'Settled, and how many of them failed',
        metrics: (['FilesSettled', 'FilesFailed'] as const).map((name) => consumerMetric(environment, name)),
      },
      { title: 'Time in status (p50)', metrics: stays('p50'), unit: 'seconds' },
      { title: 'Time in status (p95)', metrics: stays('p95'), unit: 'seconds' },
    ],
  };
}

/** How far the projection is behind, and what it had to correct. */
export function lagRow(environment: string, { fn }: DeployedFunction): DashboardRow {
  return {
    heading: 'Lag',
    help: 'How far the counts are behind the tracking table, and which records had to be corrected for or were not applied.',
    graphs: [
      {
        title: 'Behind the stream',
        metrics: [
          fn.metric('IteratorAge', { statistic: 'Maximum', period, label: 'newest record of a batch' }),
        ],
        unit: 'milliseconds',
      },
      {
        title: 'Corrected',
        metrics: (['DuplicatesSkipped', 'GapsClosed', 'LateEvents'] as const).map((name) =>
          consumerMetric(environment, name),
        ),
      },
      {
        title: 'Not applied',
        metrics: [
          consumerMetric(environment, 'DeadLetters'),
          consumerMetric(environment, 'RecordsUnapplied'),
          fn.metric('DestinationDeliveryFailures', { statistic: 'Sum', period }),
          fn.metricErrors({ period }),
        ],
      },
    ],
  };
}

function consumerMetric(environment: string, name: MetricName<'stream-consumer'>, statistic = 'Sum') {
  return ownMetric(environment, 'stream-consumer', name, { statistic });
}
