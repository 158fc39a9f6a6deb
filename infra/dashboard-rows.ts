import { Duration } from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { STATUSES } from '../shared/pipeline/status.ts';
import type { DashboardRow } from './dashboard.ts';
import { type DeployedFunction, type Functions, functionEntries } from './functions.ts';
import { mappingMetric, ownMetric } from './metrics.ts';

const period = Duration.minutes(5);

/** How many files and manifests there are, as of each hour. */
export function filesRow(environment: string): DashboardRow {
  const counts = (name: string) =>
    STATUSES.map((status) =>
      ownMetric(environment, 'stats-publisher', name, {
        dimensionsMap: { status },
        statistic: 'Maximum',
        period: Duration.hours(1),
        label: status,
      }),
    );
  return {
    heading: 'Files',
    help: 'Where files and manifests are, as the projection counts them.',
    graphs: [
      { title: 'Files', metrics: counts('Files') },
      { title: 'Manifests', metrics: counts('Manifests') },
    ],
  };
}

/** How fast files move. */
export function flowRow(environment: string): DashboardRow {
  const stays = ['TimeInPending', 'TimeInManifested', 'TimeInProcessing'];
  return {
    heading: 'Flow',
    help: 'Status changes per five minutes, and how long files stay in each status before they go on.',
    graphs: [
      { title: 'Transitions', metrics: [consumerMetric(environment, 'TransitionsApplied')] },
      {
        title: 'Time in status, half of the files',
        metrics: stays.map((name) => consumerMetric(environment, name, 'p50')),
        unit: 'seconds',
      },
      {
        title: 'Time in status, 95 of 100 files',
        metrics: stays.map((name) => consumerMetric(environment, name, 'p95')),
        unit: 'seconds',
      },
    ],
  };
}

/** How far the projection is behind, and what it had to put right. */
export function lagRow(
  environment: string,
  { fn }: DeployedFunction,
  { eventSourceMappingId }: EventSourceMapping,
): DashboardRow {
  return {
    heading: 'Lag',
    help: 'How far the counts are behind the tracking table, and what did not go smoothly.',
    graphs: [
      {
        title: 'Behind the stream',
        metrics: [
          fn.metric('IteratorAge', { statistic: 'Maximum', period, label: 'oldest record read' }),
          consumerMetric(environment, 'StreamLag', 'Maximum').with({ label: 'newest record applied' }),
        ],
        unit: 'milliseconds',
      },
      {
        title: 'Put right',
        metrics: ['DuplicatesSkipped', 'GapsClosed', 'LateEvents'].map((name) =>
          consumerMetric(environment, name),
        ),
      },
      {
        title: 'Not applied',
        metrics: [
          consumerMetric(environment, 'DeadLetters'),
          consumerMetric(environment, 'RecordsUnapplied'),
          mappingMetric(eventSourceMappingId, 'OnFailureDestinationDeliveredEventCount'),
          fn.metricErrors({ period }),
        ],
      },
    ],
  };
}

/** What it is that costs money. */
export function costRow(table: TableV2, functions: Functions): DashboardRow {
  const units = (name: string) =>
    table.metric(name, { dimensionsMap: { TableName: table.tableName }, statistic: 'Sum', period });
  return {
    heading: 'Cost',
    help: 'What is paid for: units of the projection table, and the time that functions run.',
    graphs: [
      {
        title: 'Projection table',
        metrics: [units('ConsumedWriteCapacityUnits'), units('ConsumedReadCapacityUnits')],
        unit: 'units',
      },
      {
        title: 'Running time',
        metrics: functionEntries(functions).map(([handler, { fn }]) =>
          fn.metricDuration({ statistic: 'Sum', period, label: handler }),
        ),
        unit: 'milliseconds',
        stacked: true,
      },
      {
        title: 'Invocations',
        metrics: functionEntries(functions).map(([handler, { fn }]) =>
          fn.metricInvocations({ period, label: handler }),
        ),
        stacked: true,
      },
    ],
  };
}

function consumerMetric(environment: string, name: string, statistic = 'Sum'): Metric {
  return ownMetric(environment, 'stream-consumer', name, { statistic });
}
