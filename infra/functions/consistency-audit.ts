import { Duration, Stack } from 'aws-cdk-lib';
import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { partName, runsFolder } from '../../shared/aws/deployment-names.ts';
import type { ScheduledJob } from '../../shared/aws/schedule.ts';
import { ISSUE_TYPES } from '../../shared/consistency/issue-types.ts';
import { DATA_FINDINGS } from '../../shared/data-proof/judge-rows.ts';
import { NOT_VERIFIED } from '../../shared/metrics/consistency-audit.ts';
import { STORAGE_SETTINGS } from '../../shared/pipeline/storage.ts';
import { TASK_ENDS } from '../../shared/reports/task-ends.ts';
import { besideAudit, items, lookIntoBuckets, readRows, writeTo } from '../access.ts';
import type { AlarmDefinition } from '../alarms.ts';
import type { DashboardGraph } from '../dashboard.ts';
import type { DistributedRun } from '../run-definition.ts';
import type { RunProps } from '../runs.ts';
import type { ScheduledTask } from '../schedules.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { auditUnits } from './audit-units.ts';
import { type DeployedFunction, type FunctionDefinition, LONG, ownMetric } from './function.ts';

// Each date reads the pipeline's table and buckets, which also have to serve the pipeline.
const AT_ONCE = 4;

export const consistencyAudit: FunctionDefinition = {
  ...LONG,
  // The rows of a date are held in memory.
  heapMegabytes: 800,
  atOnce: AT_ONCE,
  handler: 'consistency-audit',
  description: 'Compares one date in S3, the tracking table and the projection, and repairs the projection',
  settings: [
    ...(['environment', 'trackingTable', 'projectionTable', 'deadLetterBucket'] as const),
    ...(['pipelineProfile', 'readUnitsPerSecond'] as const),
    ...STORAGE_SETTINGS,
  ],
  access: (resources) => [
    { actions: items('Get', 'Query'), resources: [resources.tracking.tableArn] },
    besideAudit(resources, 'Delete', 'Get', 'Put', 'Query', 'Update'),
    ...lookIntoBuckets(resources, ['input', 'output', 'quarantine']),
    readRows(resources),
    writeTo(runsFolder('consistency-audit'), resources, 'A list of issues is named after its date and time.'),
  ],
};

// The nightly audit checks dates that may still change; with `{}` as its input it checks every date.
const NIGHTLY_DAYS = 8;
// Longer than an audit takes from its first date to its last, and short enough that the next night's findings ring again.
const ALARM_HOURS = 16;
const HOUR = Duration.hours(1);

/** The function audits one date; this run audits them all. */
export function auditRun(
  settings: EnvironmentSettings,
  { fn }: DeployedFunction,
  projection: TableV2,
): RunProps {
  return {
    name: partName('audit', settings),
    comment: 'Compares S3, tracking table and projection, date by date',
    prepare: auditUnits(projection.tableName, fn.functionArn, Stack.of(fn).partition),
    worker: fn,
    concurrency: AT_ONCE,
    atEnd: noteEnd(projection.tableName, Stack.of(fn).partition),
    access: [besideAudit({ projectionArn: projection.tableArn }, 'Put', 'Query')],
  };
}

/** Notes the end where `readTaskAges` looks for it: an audit without any dates is done, too. */
export function noteEnd(projectionTable: string, partition: string): DistributedRun['atEnd'] {
  const { partition: pk } = TASK_ENDS;
  return {
    Type: 'Task',
    Resource: `arn:${partition}:states:::aws-sdk:dynamodb:putItem`,
    Arguments: {
      TableName: projectionTable,
      Item: { pk: { S: pk }, sk: { S: 'audit' satisfies ScheduledJob }, at: { S: '{% $now() %}' } },
    },
  };
}

export function auditTask(settings: EnvironmentSettings, audit: StateMachine): ScheduledTask {
  return {
    id: 'Audit',
    job: 'audit',
    name: partName('audit', settings),
    expression: 'cron(30 3 * * ? *)',
    targetArn: audit.stateMachineArn,
    action: 'states:StartExecution',
    // https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
    input: { days: NIGHTLY_DAYS, scheduled: '<aws.scheduler.scheduled-time>' },
  };
}

/** The alarms for a wrong projection and for files that are not converted. Each ends by itself after some hours. */
export function auditAlarms(environment: string): AlarmDefinition[] {
  return [
    {
      name: 'drift',
      description:
        'The last audit found heads or counters that disagree with the tracking table, and repaired what it could. Look for dead letters and for batches that Lambda gave up on.',
      runbook: 'repair.ts',
      metric: foundLately(environment, 'DriftFound'),
      when: { above: 0 },
    },
    {
      name: 'issues',
      description:
        'The last audit found more files than the one before it that are not converted and that nothing will move: lost events, missing inputs, or uploads under a name that already has a record. check-consistency.ts lists them for a date, each with its next step. Refused files are not included. Issues that were already known, or that existed before the first audit, do not raise this alarm again; the dashboard shows all of them.',
      runbook: 'check-consistency.ts DATE',
      metric: foundLately(environment, 'NewIssues'),
      when: { above: 0 },
    },
    {
      name: 'data-findings',
      description:
        "According to the output rows, files are lost, converted twice or only partly converted, or there are rows of files that are not completed. Or so many files of a date have no rows that its output must be elsewhere. The previous night's verification did not find this. verify-data.ts lists the files of a date, with the objects that hold their rows.",
      runbook: 'verify-data.ts DATE',
      metric: foundLately(environment, 'NewDataFindings'),
      when: { above: 0 },
    },
  ];
}

/**
 * What all dates of an audit found together. CloudWatch moves the period on with the time, so a date that finds nothing
 * does not end the alarm of another; filled with zeros, it ends when the findings have left the period.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_EvaluationWindow.html
 */
function foundLately(
  environment: string,
  metric: 'DriftFound' | 'NewDataFindings' | 'NewIssues',
): MathExpression {
  return new MathExpression({
    expression: 'FILL(found, 0)',
    label: metric,
    usingMetrics: { found: ownMetric(environment, 'consistency-audit', metric) },
    period: Duration.hours(ALARM_HOURS),
  });
}

/** What the audits found. */
export function auditGraphs(environment: string): DashboardGraph[] {
  const audit = (name: 'DriftFound' | 'DriftRepaired') =>
    ownMetric(environment, 'consistency-audit', name, { period: HOUR });
  return [
    { title: 'Drift', metrics: [audit('DriftFound'), audit('DriftRepaired')] },
    {
      title: 'Issues',
      metrics: ISSUE_TYPES.map((of) =>
        ownMetric(environment, 'consistency-audit', 'Issues', { of, period: HOUR, label: of }),
      ),
    },
    {
      title: 'Findings in the output rows',
      metrics: [...DATA_FINDINGS, 'elsewhere', NOT_VERIFIED].map((of) =>
        ownMetric(environment, 'consistency-audit', 'DataFindings', { of, period: HOUR, label: of }),
      ),
    },
  ];
}
