import { Duration, Stack } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { partName, runsFolder } from '../../shared/aws/deployment-names.ts';
import type { ScheduledJob } from '../../shared/aws/schedule.ts';
import { ISSUE_TYPES } from '../../shared/consistency/issue-types.ts';
import { DATA_FINDINGS } from '../../shared/data-proof/judge-rows.ts';
import { STORAGE_SETTINGS } from '../../shared/pipeline/storage.ts';
import { TASK_ENDS } from '../../shared/projection/task-ends.ts';
import { besideAudit, items, lookIntoBuckets, readRows, writeTo } from '../access.ts';
import type { AlarmDefinition } from '../alarms.ts';
import type { DashboardGraph } from '../dashboard.ts';
import { type DistributedRun, RETRY_FAILURE, RETRY_SERVICE } from '../run-definition.ts';
import type { RunProps } from '../runs.ts';
import type { ScheduledTask } from '../schedules.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { type DeployedFunction, type FunctionDefinition, LONG, ownMetric } from './function.ts';

// Each date reads the pipeline's table and buckets, which have work of their own.
const AT_ONCE = 4;

export const consistencyAudit: FunctionDefinition = {
  ...LONG,
  atOnce: AT_ONCE,
  handler: 'consistency-audit',
  description: 'Compares one date in S3, the tracking table and the projection, and repairs the projection',
  settings: [
    'environment',
    'trackingTable',
    'projectionTable',
    'deadLetterBucket',
    'pipelineProfile',
    'readUnitsPerSecond',
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

// The nightly audit looks at what may still move; `{}` as its input looks at every date there is.
const NIGHTLY_DAYS = 8;
// All dates of an audit within one number, or the next date's silence would end the alarm.
const ALARM_PERIOD = Duration.hours(6);
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

/** Notes the end where `readTaskAges` looks for it: also an audit of no dates at all is done. */
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

const EXECUTION = '{% $states.context.Execution.Name %}';
/** Sorts before every date. */
const FIRST = ' ';
const DAY_MILLIS = 86_400_000;
const DAY_FORM = '[Y0001]-[M01]-[D01]';

/**
 * The units of an audit: the dates that the projection has noted, a page at a time. `{"days": 8}` as the
 * execution's input takes only those since 8 days ago, and those named after the future; without it all. Each day
 * since then is taken whether it was noted or not: a date of which every event was lost is known to S3 alone.
 * `scheduled` is when the schedule meant to start it. Schedules start at least once, and the second start for one
 * time ends at once: two audits of one date would save their checkpoints over each other's. Very large dates are cut
 * into ranges of keys, which are units as dates are.
 */
export function auditUnits(
  projectionTable: string,
  functionArn: string,
  partition: string,
): DistributedRun['prepare'] {
  return {
    startAt: 'IsScheduled',
    states: {
      IsScheduled: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $exists($states.input.scheduled) %}', Next: 'Claim' }],
        Default: 'Since',
      },
      Claim: {
        Type: 'Task',
        Resource: `arn:${partition}:states:::aws-sdk:dynamodb:putItem`,
        Arguments: {
          TableName: projectionTable,
          Item: {
            ...{ pk: { S: 'LEASE' }, sk: { S: 'audit' } },
            ...{ scheduled: { S: '{% $states.input.scheduled %}' }, holder: { S: EXECUTION } },
          },
          ConditionExpression: 'attribute_not_exists(pk) OR scheduled <> :scheduled OR holder = :holder',
          ExpressionAttributeValues: {
            ':scheduled': { S: '{% $states.input.scheduled %}' },
            ':holder': { S: EXECUTION },
          },
        },
        Output: '{% $states.input %}',
        Retry: [RETRY_SERVICE],
        Catch: [{ ErrorEquals: ['DynamoDb.ConditionalCheckFailedException'], Next: 'StartedTwice' }],
        Next: 'Since',
      },
      StartedTwice: { Type: 'Succeed' },
      Since: {
        Type: 'Pass',
        Assign: {
          units: `{% $exists($states.input.days) and $states.input.days >= 0 ? $map([0..$states.input.days], function($ago) { {"date_prefix": $fromMillis($millis() - $ago * ${DAY_MILLIS}, "${DAY_FORM}")} }) : [] %}`,
          after: null,
          since: `{% $exists($states.input.days) ? $fromMillis($millis() - $states.input.days * ${DAY_MILLIS}, "${DAY_FORM}") : "${FIRST}" %}`,
        },
        Next: 'ListDates',
      },
      ListDates: {
        Type: 'Task',
        Resource: `arn:${partition}:states:::aws-sdk:dynamodb:query`,
        Arguments: `{% $merge([${JSON.stringify({
          TableName: projectionTable,
          KeyConditionExpression: 'pk = :pk AND sk >= :since',
          ConsistentRead: true,
        })}, {"ExpressionAttributeValues": {":pk": {"S": "DATES"}, ":since": {"S": $since}}}, $after = null ? {} : {"ExclusiveStartKey": $after}]) %}`,
        Assign: {
          // In brackets, for JSONata makes of a list of one its only element, which a Map refuses.
          units: '{% [$distinct($append($units, $states.result.Items.{"date_prefix": sk.S}))] %}',
          after: '{% $exists($states.result.LastEvaluatedKey) ? $states.result.LastEvaluatedKey : null %}',
        },
        Next: 'MoreDates',
      },
      MoreDates: {
        Type: 'Choice',
        Choices: [
          { Condition: '{% $after != null %}', Next: 'ListDates' },
          { Condition: '{% $count($units) = 0 %}', Next: 'Run' },
        ],
        Default: 'Split',
      },
      Split: {
        Type: 'Task',
        Resource: `arn:${partition}:states:::lambda:invoke`,
        Arguments: { FunctionName: functionArn, Payload: '{% {"split": [$units.date_prefix]} %}' },
        Assign: { units: '{% [$states.result.Payload.units] %}' },
        Retry: [RETRY_SERVICE, RETRY_FAILURE],
        // A date that is not cut takes longer, and that is all.
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Run' }],
        Next: 'Run',
      },
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

/** What tells that the projection was wrong, or that files are not converted. */
export function auditAlarms(environment: string): AlarmDefinition[] {
  return [
    {
      name: 'drift',
      description:
        'The last audit found heads or counters that disagree with the tracking table, and repaired what it could. Look for dead letters and batches that were given up.',
      runbook: 'repair.ts',
      metric: ownMetric(environment, 'consistency-audit', 'DriftFound', { period: ALARM_PERIOD }),
      when: { above: 0 },
      silence: 'unchanged',
    },
    {
      name: 'issues',
      description:
        'The last audit found more files than the one before that are not converted although nothing will move them: lost events, inputs that are gone, uploads of a name that has a record. check-consistency.ts lists them for a date, each with its next step; refused files are not among them. What was known before rings no more, nor what was there before the first audit; the dashboard shows all.',
      runbook: 'check-consistency.ts DATE',
      metric: ownMetric(environment, 'consistency-audit', 'NewIssues', { period: ALARM_PERIOD }),
      when: { above: 0 },
      silence: 'unchanged',
    },
    {
      name: 'data-findings',
      description:
        'By the rows of the output, files are lost, converted twice or only partly, or there are rows of files that are not completed, which the verification of the night before did not find. verify-data.ts lists them for a date, with the objects that hold their rows.',
      runbook: 'verify-data.ts DATE',
      metric: ownMetric(environment, 'consistency-audit', 'NewDataFindings', { period: ALARM_PERIOD }),
      when: { above: 0 },
      silence: 'unchanged',
    },
  ];
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
      title: 'By the rows of the output',
      metrics: DATA_FINDINGS.map((of) =>
        ownMetric(environment, 'consistency-audit', 'DataFindings', { of, period: HOUR, label: of }),
      ),
    },
  ];
}
