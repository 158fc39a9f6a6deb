import { Duration } from 'aws-cdk-lib';
import { partName } from '../../shared/aws/deployment-names.ts';
import { STATUSES } from '../../shared/pipeline/status.ts';
import { besideAudit } from '../access.ts';
import type { AlarmDefinition } from '../alarms.ts';
import type { DashboardRow } from '../dashboard.ts';
import { invocationOf, type ScheduledTask } from '../schedules.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { type DeployedFunction, type FunctionDefinition, ownMetric, SHORT } from './function.ts';

export const statsPublisher: FunctionDefinition = {
  ...SHORT,
  handler: 'stats-publisher',
  description: "Publishes the projection's counts as metrics",
  settings: ['environment', 'projectionTable', 'deadLetterBucket', 'pipelineProfile'],
  access: (resources) => [
    besideAudit(resources, 'Put', 'Query', 'Update'),
    { actions: ['s3:ListBucket'], resources: [resources.deadLetterBucketArn] },
  ],
};

const period = Duration.hours(6);

export function statsTask(settings: EnvironmentSettings, { fn }: DeployedFunction): ScheduledTask {
  return {
    id: 'Stats',
    job: 'statistics',
    name: partName('stats', settings),
    expression: 'cron(5 * * * ? *)',
    ...invocationOf(fn),
  };
}

/** The alarms for incomplete counts, and for files that do not arrive as expected. */
export function statsAlarms({
  environment,
  profile: { arrivals },
}: Pick<EnvironmentSettings, 'environment' | 'profile'>): AlarmDefinition[] {
  return [
    ...(arrivals.compare || arrivals.expected.length > 0 ? [arrivalsAlarm(environment)] : []),
    {
      name: 'dead-letters-waiting',
      description:
        'Dead letters, or batches that Lambda gave up on, are waiting in the dead letter bucket. The runbook replay-dead-letters lists and replays them.',
      runbook: 'replay-dead-letters.ts',
      // Twice the hour between two values, which come as long as there are any.
      metric: ownMetric(environment, 'stats-publisher', 'DeadLettersWaiting', {
        statistic: 'Maximum',
        period: Duration.hours(2),
      }),
      when: { above: 0 },
    },
  ];
}

function arrivalsAlarm(environment: string): AlarmDefinition {
  return {
    name: 'arrivals',
    description:
      'Unusually few or many files of yesterday or today have arrived, fewer than the settings expect, or a steady flow has stopped. The runbook stats says which date it is, and what is usual.',
    runbook: 'stats.ts',
    // Twice the hour between two values, which come as long as this lasts.
    metric: ownMetric(environment, 'stats-publisher', 'UnusualArrivals', {
      statistic: 'Maximum',
      period: Duration.hours(2),
    }),
    when: { above: 0 },
  };
}

/** How many files and manifests there are, every six hours. */
export function filesRow(environment: string): DashboardRow {
  const counts = (name: 'Files' | 'Manifests') =>
    STATUSES.map((status) =>
      ownMetric(environment, 'stats-publisher', name, {
        of: status,
        statistic: 'Maximum',
        period,
        label: status,
      }),
    );
  return {
    heading: 'Files',
    help: 'How many files and manifests are in each status, as the projection counts them.',
    graphs: [
      { title: 'Files', metrics: counts('Files') },
      { title: 'Manifests', metrics: counts('Manifests') },
    ],
  };
}
