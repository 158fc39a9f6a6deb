import { Stack } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Resources } from './access.ts';
import { type AlarmDefinition, createAlarms } from './alarm.ts';
import { alarmTopic } from './alarm-topic.ts';
import { projectionAlarms, sweepAlarms } from './check-alarms.ts';
import { checksRow } from './check-rows.ts';
import { createDashboard } from './dashboard.ts';
import { costRow, filesRow, flowRow, lagRow } from './dashboard-rows.ts';
import { deadLetterBucket } from './dead-letter-bucket.ts';
import { createFunctions } from './functions.ts';
import { projectionTable } from './projection-table.ts';
import { runMachines } from './run-machines.ts';
import { missedTaskAlarms, scheduledTasks } from './scheduled-tasks.ts';
import { scheduleTasks } from './schedules.ts';
import { functionAlarms, runAlarms, tableAlarm } from './service-alarms.ts';
import type { EnvironmentSettings } from './settings.ts';
import { streamAlarms } from './stream-alarms.ts';
import { streamMapping } from './stream-mapping.ts';
import { type TrackingTableArns, trackingTable } from './tracking-table.ts';

/** Everything that one environment consists of. */
export class StateManagerStack extends Stack {
  constructor(scope: Construct, settings: EnvironmentSettings, bundleFolder: string) {
    super(scope, 'StateManager', {
      stackName: `ndjson-parquet-state-manager-${settings.environment}`,
      description:
        'State Manager: counts, timelines, orphan checks and guarded changes for the file pipeline',
      terminationProtection: settings.keepData,
    });
    const { environment, names, enableSchedules } = settings;
    const tracking = trackingTable(this, settings);
    const projection = projectionTable(this, settings);
    const deadLetters = deadLetterBucket(this, settings);
    const resources = resourcesOf(this, settings, tracking, projection, deadLetters);
    const functions = createFunctions(this, settings, resources, bundleFolder);
    const { 'stream-consumer': consumer, 'dashboard-widget': widget } = functions;
    if (!consumer) throw new Error('handlers/stream-consumer.ts is missing: there is no projection without.');
    const mapping = streamMapping(consumer, tracking, deadLetters);
    const machines = runMachines(this, settings, functions, projection, deadLetters);
    const tasks = enableSchedules ? scheduledTasks(environment, functions, machines) : [];
    const watched: AlarmDefinition[] = [
      ...streamAlarms(environment, consumer.fn, mapping),
      ...projectionAlarms(environment),
      ...sweepAlarms(environment),
      ...missedTaskAlarms(tasks),
      ...(tasks.length > 0 ? [scheduleTasks(this, tasks)] : []),
      ...functionAlarms(functions),
      ...runAlarms(machines),
      tableAlarm(projection),
    ];
    const alarms = createAlarms(this, names.alarmPrefix, alarmTopic(this, settings), watched);
    createDashboard(this, names.alarmPrefix, alarms, widget?.fn, [
      filesRow(environment),
      flowRow(environment),
      lagRow(environment, consumer, mapping),
      checksRow(environment),
      costRow(projection, functions),
    ]);
  }
}

/** The pipeline's buckets are only named: they belong to its own stack. */
function resourcesOf(
  stack: Stack,
  { names }: EnvironmentSettings,
  tracking: TrackingTableArns,
  projection: TableV2,
  deadLetters: Bucket,
): Resources {
  const bucketArn = (name: string) =>
    stack.formatArn({ service: 's3', region: '', account: '', resource: name });
  return {
    tracking,
    projectionArn: projection.tableArn,
    deadLetterBucketArn: deadLetters.bucketArn,
    inputBucketArn: bucketArn(names.inputBucket),
    manifestBucketArn: bucketArn(names.manifestBucket),
    outputBucketArn: bucketArn(names.outputBucket),
    quarantineBucketArn: bucketArn(names.quarantineBucket),
  };
}
