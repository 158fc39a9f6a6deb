import { Duration } from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { partName, runsFolder } from '../../shared/aws/deployment-names.ts';
import { EVERY_HOURS } from '../../shared/aws/schedule.ts';
import type { MetricName } from '../../shared/metrics/names.ts';
import { COMPLETED_KINDS, ORPHAN_KINDS, type OrphanKind } from '../../shared/orphans/verdict.ts';
import { IN_FLIGHT_STATUSES } from '../../shared/pipeline/status.ts';
import { STORAGE_SETTINGS } from '../../shared/pipeline/storage.ts';
import { type Access, items, lookIntoBuckets, type Resources, writeTo } from '../access.ts';
import type { AlarmDefinition } from '../alarms.ts';
import type { DashboardGraph } from '../dashboard.ts';
import { invocationOf, type ScheduledTask } from '../schedules.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { type DeployedFunction, type FunctionDefinition, LONG, ownMetric } from './function.ts';

export const orphanSweep: FunctionDefinition = {
  ...LONG,
  handler: 'orphan-sweep',
  description: 'Searches for files that will not move by themselves, and heals them as far as it may',
  settings: [
    'environment',
    'trackingTable',
    'projectionTable',
    'deadLetterBucket',
    'autoHeal',
    'pipelineProfile',
    'readUnitsPerSecond',
    ...STORAGE_SETTINGS,
  ],
  access,
};

/** Only with the policy to apply changes may it write to the pipeline's table, and only then to its changes. */
function access(resources: Resources, { autoHeal }: EnvironmentSettings): Access[] {
  const { tracking, projectionArn } = resources;
  const applying = autoHeal.mode === 'apply' ? (['Update'] as const) : [];
  const plans = writeTo(runsFolder('orphan-sweep'), resources, 'A plan is named after its time.');
  return [
    { actions: items('Get', ...applying), resources: [tracking.tableArn] },
    { actions: items('Query'), resources: [tracking.indexArn] },
    { actions: items('Delete', 'Get', 'Put', 'Query', ...applying), resources: [projectionArn] },
    ...(autoHeal.mode === 'plan' ? [plans] : []),
    ...lookIntoBuckets(resources, ['input', 'manifest', 'output', 'quarantine']),
  ];
}

const HOUR = Duration.hours(1);

/** A sweep that is cut off goes on with the next one, so it is the ends that count and not the invocations. */
export function sweepTask(settings: EnvironmentSettings, { fn }: DeployedFunction): ScheduledTask {
  return {
    id: 'OrphanSweep',
    job: 'sweep',
    name: partName('orphan-sweep', settings),
    expression: `cron(10 0/${EVERY_HOURS.sweep} * * ? *)`,
    ...invocationOf(fn),
  };
}

/** What tells of files that will not move by themselves, as of the last sweep. */
export function sweepAlarms({ environment }: Pick<EnvironmentSettings, 'environment'>): AlarmDefinition[] {
  const latest = (name: MetricName<'orphan-sweep'>) =>
    ownMetric(environment, 'orphan-sweep', name, { statistic: 'Maximum' });
  return [
    orphansAlarm('orphans-in-flight', IN_FLIGHT_KINDS, latest('OrphansInFlight')),
    orphansAlarm('orphans-completed', COMPLETED_KINDS, latest('OrphansCompleted')),
    {
      name: 'healing-stopped',
      description:
        'The last sweep should have healed files and did not: an unusual share of all files in flight is affected, or its change ended early. find_orphans tells which; the runbook changes shows the change.',
      runbook: 'changes.ts',
      metric: latest('HealingStopped'),
      when: { above: 0 },
      silence: 'unchanged' as const,
    },
  ];
}

const IN_FLIGHT_KINDS = ORPHAN_KINDS.filter((kind) => !COMPLETED_KINDS.includes(kind));

function orphansAlarm(name: string, kinds: readonly OrphanKind[], metric: Metric): AlarmDefinition {
  return {
    name,
    description: `The last sweep found files of one of the kinds ${kinds.join(', ')}. The runbook find-orphans lists them with the evidence and what to do.`,
    runbook: 'find-orphans.ts',
    metric,
    when: { above: 0 },
    silence: 'unchanged',
  };
}

/** What the sweeps found, and what they did about it. */
export function sweepGraphs(environment: string): DashboardGraph[] {
  const each = (name: 'Orphans' | 'OldestInFlight', kinds: readonly string[]) =>
    kinds.map((of) =>
      ownMetric(environment, 'orphan-sweep', name, { of, statistic: 'Maximum', period: HOUR, label: of }),
    );
  return [
    { title: 'Orphans', metrics: each('Orphans', ORPHAN_KINDS) },
    {
      title: 'Oldest in flight',
      metrics: each('OldestInFlight', IN_FLIGHT_STATUSES),
      unit: 'seconds',
    },
    {
      title: 'Healed',
      metrics: [ownMetric(environment, 'orphan-sweep', 'FilesHealed', { period: HOUR })],
    },
  ];
}
