import { Duration, Stack } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Resources } from './access.ts';
import { createAlarmTopic } from './alarm-topic.ts';
import { type AlarmDefinition, createAlarms } from './alarms.ts';
import { createChangeRun } from './change-run.ts';
import { createDashboard, type DashboardRow } from './dashboard.ts';
import { functionsOf } from './functions/all.ts';
import { auditAlarms, auditGraphs, auditRun, auditTask } from './functions/consistency-audit.ts';
import { createFunctions, type DeployedFunction, type Functions, ownMetric } from './functions/function.ts';
import { sweepAlarms, sweepGraphs, sweepRun, sweepTask } from './functions/orphan-sweep.ts';
import { eventBusArn, outletTask } from './functions/outlet.ts';
import { rebuildRun } from './functions/projection-rebuild.ts';
import { filesRow, statsAlarms, statsTask } from './functions/stats-publisher.ts';
import { consumerAlarms, flowRow, lagRow } from './functions/stream-consumer.ts';
import { functionAlarms, functionGraphs } from './functions/watch-functions.ts';
import { watchAlarms, watchMapping, watchTask } from './functions/watchdog.ts';
import { type Encrypted, encryptedBy } from './key-access.ts';
import { refuseTooLongVariables } from './limits.ts';
import { createOutputs } from './outputs.ts';
import { createPeoplePolicies } from './people.ts';
import { createRun, type Runs, runAlarms } from './runs.ts';
import { failedStartsAlarm, missedTaskAlarms, type ScheduledTask, scheduleTasks } from './schedules.ts';
import type { EnvironmentSettings } from './settings.ts';
import {
  deadLetterBucket,
  projectionTable,
  type TrackingTableArns,
  tableAlarm,
  tableGraph,
  trackingTable,
} from './storage.ts';
import { mappingAlarms, streamMapping } from './stream-mapping.ts';

/** Everything that one environment consists of. */
export class StateManagerStack extends Stack {
  constructor(scope: Construct, settings: EnvironmentSettings, bundleFolder: string) {
    super(scope, 'StateManager', {
      stackName: settings.names.stack,
      description:
        'State Manager: counts, timelines, orphan checks and guarded changes for the file pipeline',
    });
    refuseTooLongVariables(this);
    const { environment } = settings;
    const tracking = trackingTable(this, settings);
    const projection = projectionTable(this, settings);
    const deadLetters = deadLetterBucket(this, settings);
    const resources = resourcesOf(this, settings, tracking, projection, deadLetters);
    const functions = createFunctions(this, functionsOf(settings), settings, resources, bundleFolder);
    const consumer = functions['stream-consumer'];
    if (!consumer)
      throw new Error('handlers/stream-consumer.ts is missing: there is no projection without it.');
    const mapping = streamMapping(consumer, tracking, deadLetters, {
      ...settings,
      encrypted: resources.encrypted,
      isWatched: isWatched(settings, functions),
    });
    if (functions.watchdog) watchMapping(functions.watchdog, mapping);
    const runs = createRuns(this, settings, functions, projection, deadLetters, resources.encrypted);
    const { operations } = functions;
    const changes = operations && createChangeRun(this, settings, operations);
    const tasks = tasksOf(settings, functions, runs);
    const failedStarts = tasks.length > 0 ? scheduleTasks(this, tasks) : undefined;
    createPeoplePolicies(this, settings, { resources, functions, runs, failedStarts });
    const parts = {
      settings,
      environment,
      functions,
      consumer,
      mapping,
      runs,
      tasks,
      projection,
      failedStarts,
    };
    const topic = createAlarmTopic(this, settings);
    const alarms = createAlarms(this, settings, topic, alarmsOf(parts));
    const machines = { ...runs, ...(changes && { changes }) };
    createOutputs(this, settings.names.alarmPrefix, {
      topic,
      functions,
      machines,
      deadLetters,
      failedStarts,
    });
    createDashboard(
      this,
      settings.names.alarmPrefix,
      alarms,
      functions['dashboard-widget']?.fn,
      rowsOf(parts),
    );
  }
}

/** The pipeline's buckets are only referred to by name: they belong to its own stack. */
function resourcesOf(
  stack: Stack,
  settings: EnvironmentSettings,
  tracking: TrackingTableArns,
  projection: TableV2,
  deadLetters: Bucket,
): Resources {
  const { names, kmsKeys } = settings;
  const bucketArn = (name: string) =>
    stack.formatArn({ service: 's3', region: '', account: '', resource: name });
  const arns = {
    projectionArn: projection.tableArn,
    deadLetterBucketArn: deadLetters.bucketArn,
    inputBucketArn: bucketArn(names.inputBucket),
    manifestBucketArn: bucketArn(names.manifestBucket),
    outputBucketArn: bucketArn(names.outputBucket),
    quarantineBucketArn: bucketArn(names.quarantineBucket),
  };
  const encrypted = encryptedBy(kmsKeys, {
    tracking_table: [tracking.tableArn, tracking.streamArn],
    projection_table: [arns.projectionArn],
    input: [arns.inputBucketArn],
    manifest: [arns.manifestBucketArn],
    output: [arns.outputBucketArn],
    quarantine: [arns.quarantineBucketArn],
    dead_letters: [arns.deadLetterBucketArn],
  });
  return { tracking, ...arns, eventBusArn: eventBusArn(stack, settings), encrypted };
}

/** The runs: work that is too large for one invocation. */
function createRuns(
  scope: Construct,
  settings: EnvironmentSettings,
  { 'orphan-sweep': sweep, 'consistency-audit': audit, 'projection-rebuild': rebuild }: Functions,
  projection: TableV2,
  results: Bucket,
  encrypted: readonly Encrypted[],
): Runs {
  return {
    ...(sweep && {
      sweep: createRun(scope, 'Sweep', sweepRun(settings, sweep), results, encrypted),
    }),
    ...(audit && {
      audit: createRun(scope, 'Audit', auditRun(settings, audit, projection), results, encrypted),
    }),
    ...(rebuild && {
      rebuild: createRun(scope, 'Rebuild', rebuildRun(settings, rebuild), results, encrypted),
    }),
  };
}

/** Everything that runs on a schedule, if its function is deployed. */
function tasksOf(
  settings: EnvironmentSettings,
  { 'stats-publisher': stats, watchdog, outlet }: Functions,
  { sweep, audit }: Runs,
): ScheduledTask[] {
  const told = outlet ? [outletTask(settings, outlet)] : [];
  if (!settings.enableSchedules) return told;
  return [
    ...told,
    ...(sweep ? [sweepTask(settings, sweep)] : []),
    ...(stats ? [statsTask(settings, stats)] : []),
    ...(audit ? [auditTask(settings, audit)] : []),
    ...(watchdog ? [watchTask(settings, watchdog)] : []),
  ];
}

/** What is watched. */
interface Parts {
  readonly settings: EnvironmentSettings;
  readonly environment: string;
  readonly functions: Functions;
  readonly consumer: DeployedFunction;
  readonly mapping: EventSourceMapping;
  readonly runs: Runs;
  readonly tasks: readonly ScheduledTask[];
  readonly projection: TableV2;
  readonly failedStarts: Queue | undefined;
}

/** Without schedules, nothing starts the watchdog. */
function isWatched({ enableSchedules }: EnvironmentSettings, { watchdog }: Functions): boolean {
  return enableSchedules && watchdog !== undefined;
}

/** Every alarm, in the order in which the dashboard lists them. */
function alarmsOf(parts: Parts): AlarmDefinition[] {
  const { settings, environment, functions, consumer, mapping, runs, tasks, projection, failedStarts } =
    parts;
  const watched = isWatched(settings, functions);
  return [
    ...consumerAlarms(settings, consumer.fn),
    ...mappingAlarms(consumer.fn, watched ? undefined : mapping),
    ...statsAlarms(settings),
    ...auditAlarms(environment),
    ...sweepAlarms(settings),
    ...(watched ? [...watchAlarms(settings), ...missedTaskAlarms(environment, tasks)] : []),
    ...(failedStarts ? [failedStartsAlarm(failedStarts)] : []),
    ...functionAlarms(functions),
    ...runAlarms({ ...runs }),
    tableAlarm(projection),
  ];
}

/** Every row of the dashboard, from the top. */
function rowsOf({ environment, functions, consumer, projection }: Parts): DashboardRow[] {
  return [
    filesRow(environment),
    flowRow(environment),
    lagRow(environment, consumer),
    {
      heading: 'Sweeps and audits',
      help: 'Files that are stuck for good, and what S3, the tracking table and the projection disagree about.',
      graphs: [
        ...sweepGraphs(environment),
        ...auditGraphs(environment),
        {
          title: 'Read capacity used',
          metrics: (['orphan-sweep', 'consistency-audit'] as const).map((label) =>
            ownMetric(environment, label, 'ReadUnitsConsumed', { period: Duration.hours(1), label }),
          ),
          unit: 'read units',
        },
      ],
    },
    {
      heading: 'Cost',
      help: 'What costs money: units of the projection table, and the running time of functions.',
      graphs: [tableGraph(projection), ...functionGraphs(functions)],
    },
  ];
}
