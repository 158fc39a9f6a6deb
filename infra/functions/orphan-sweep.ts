import { Duration, Stack } from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { partName, runsFolder } from '../../shared/aws/deployment-names.ts';
import { EVERY_HOURS } from '../../shared/aws/schedule.ts';
import { approvalRuleOf } from '../../shared/changes/approval-rule.ts';
import type { MetricName } from '../../shared/metrics/names.ts';
import { COMPLETED_KINDS, ORPHAN_KINDS, type OrphanKind } from '../../shared/orphans/verdict.ts';
import { IN_FLIGHT_STATUSES } from '../../shared/pipeline/status.ts';
import { STORAGE_SETTINGS } from '../../shared/pipeline/storage.ts';
import {
  type Access,
  besideApprovals,
  besideAudit,
  items,
  lookIntoBuckets,
  queryAcknowledged,
  type Resources,
  writeTo,
} from '../access.ts';
import type { AlarmDefinition } from '../alarms.ts';
import type { DashboardGraph } from '../dashboard.ts';
import { type DistributedRun, RETRY_FAILURE, RETRY_SERVICE } from '../run-definition.ts';
import type { RunProps } from '../runs.ts';
import type { ScheduledTask } from '../schedules.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { type DeployedFunction, type FunctionDefinition, LONG, ownMetric } from './function.ts';

export const orphanSweep: FunctionDefinition = {
  ...LONG,
  handler: 'orphan-sweep',
  description: 'Searches for files that are stuck for good, and heals them as far as the policy allows',
  settings: [
    'environment',
    'trackingTable',
    'projectionTable',
    'deadLetterBucket',
    'autoHeal',
    'approval',
    'pipelineProfile',
    'readUnitsPerSecond',
    'sweepReadUnits',
    ...STORAGE_SETTINGS,
  ],
  access,
};

/** It may write to the pipeline's table, and to changes, only if the healing policy is to apply changes. */
function access(resources: Resources, settings: EnvironmentSettings): Access[] {
  const { autoHeal } = settings;
  const { tracking, projectionArn } = resources;
  const isApplying = autoHeal.mode === 'apply';
  const applying = isApplying ? (['Update'] as const) : [];
  // Files to retry are searched for, and many records are then read at once.
  const retrying = autoHeal.mode !== 'report' && autoHeal.retry ? (['BatchGet'] as const) : [];
  const plans = writeTo(runsFolder('orphan-sweep'), resources, 'A plan is named after its time.');
  return [
    { actions: items('Get', ...retrying, ...applying), resources: [tracking.tableArn] },
    { actions: items('Query'), resources: [tracking.indexArn] },
    ...(isApplying
      ? [
          { actions: items('Get', 'Query'), resources: [projectionArn] },
          besideApprovals(resources, 'Delete', 'Put', 'Update'),
        ]
      : [besideAudit(resources, 'Delete', 'Get', 'Put', 'Query'), queryAcknowledged(resources)]),
    ...(autoHeal.mode === 'plan' || (isApplying && approvalRuleOf(settings)?.healing) ? [plans] : []),
    ...lookIntoBuckets(resources, ['input', 'manifest', 'output', 'quarantine']),
  ];
}

const HOUR = Duration.hours(1);

// The most units that an agenda has; they share the read units per second.
const AT_ONCE = 4;

/** The function begins a sweep, searches its units, and ends it; this run calls it for all of that. */
export function sweepRun(settings: EnvironmentSettings, { fn }: DeployedFunction): RunProps {
  const { partition } = Stack.of(fn);
  return {
    name: partName('sweep', settings),
    comment: 'Searches for files that are stuck for good, and heals them by policy',
    prepare: sweepUnits(fn.functionArn, partition),
    atEnd: sweepEnd(fn.functionArn, partition),
    worker: fn,
    concurrency: AT_ONCE,
    access: [],
  };
}

/**
 * The units of a sweep, which its first step decides. An execution that starts while another one is running ends
 * immediately and says so. Its input may set other limits than the profile's, as requests to the function may.
 */
export function sweepUnits(functionArn: string, partition: string): DistributedRun['prepare'] {
  const holder = '"holder": $states.context.Execution.Name';
  return {
    startAt: 'Begin',
    states: {
      Begin: {
        ...invocation(partition),
        Arguments: {
          FunctionName: functionArn,
          Payload: `{% $merge([$states.input, {"step": "begin", ${holder}}]) %}`,
        },
        // The brackets keep a single unit a list.
        Assign: { units: '{% [$states.result.Payload.units] %}', end: '{% $states.result.Payload.end %}' },
        Output: '{% $states.result.Payload %}',
        Retry: [RETRY_SERVICE, RETRY_FAILURE],
        Next: 'HasBegun',
      },
      HasBegun: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $exists($states.input.skipped) %}', Next: 'AnotherIsUnderWay' }],
        Default: 'Run',
      },
      AnotherIsUnderWay: { Type: 'Succeed' },
    },
  };
}

/** Sums up and reports what the units found, and heals. */
export function sweepEnd(functionArn: string, partition: string): DistributedRun['atEnd'] {
  return {
    ...invocation(partition),
    Arguments: { FunctionName: functionArn, Payload: '{% $end %}' },
    Output: '{% $states.result.Payload %}',
  };
}

function invocation(partition: string) {
  return { Type: 'Task', Resource: `arn:${partition}:states:::lambda:invoke` };
}

/** One sweep after another; each runs until it is done. */
export function sweepTask(settings: EnvironmentSettings, sweep: StateMachine): ScheduledTask {
  return {
    id: 'OrphanSweep',
    job: 'sweep',
    name: partName('orphan-sweep', settings),
    expression: `cron(10 0/${EVERY_HOURS.sweep} * * ? *)`,
    targetArn: sweep.stateMachineArn,
    action: 'states:StartExecution',
    input: {},
  };
}

/** The alarms for files that are stuck for good, as of the last sweep. */
export function sweepAlarms({ environment }: Pick<EnvironmentSettings, 'environment'>): AlarmDefinition[] {
  const latest = (name: MetricName<'orphan-sweep'>) =>
    ownMetric(environment, 'orphan-sweep', name, { statistic: 'Maximum' });
  return [
    orphansAlarm('orphans-in-flight', IN_FLIGHT_KINDS, latest('OrphansInFlight')),
    orphansAlarm('orphans-completed', COMPLETED_KINDS, latest('OrphansCompleted')),
    {
      name: 'healing-stopped',
      description:
        'The last sweep should have healed files but did not: an unusually large share of all files in flight is affected, too many files of a date failed for a cause that should be retried, its plan needs an approval, or its change ended early. find_orphans says which. The runbook find-orphans prints the command that shows and approves a plan; the runbook changes shows a change.',
      runbook: 'find-orphans.ts',
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
    description: `The last sweep found files of one of these kinds: ${kinds.join(', ')}. The runbook find-orphans lists them with the evidence and what to do.`,
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
