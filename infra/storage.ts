import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import {
  AttributeType,
  Billing,
  Capacity,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { BUCKET_PREFIXES } from '../shared/aws/deployment-names.ts';
import { TRACKING_SCHEMA } from '../shared/pipeline/record.ts';
import { PROJECTION_SCHEMA } from '../shared/projection/projection-table.ts';
import type { AlarmDefinition } from './alarms.ts';
import type { DashboardGraph } from './dashboard.ts';
import type { EnvironmentSettings } from './settings.ts';

/** What permissions and the stream mapping need to know of the pipeline's table. */
export interface TrackingTableArns {
  readonly tableArn: string;
  readonly indexArn: string;
  readonly streamArn: string;
}

/** The pipeline's own table if there is one; otherwise a new one of the same form, for an environment without a pipeline. */
export function trackingTable(scope: Construct, settings: EnvironmentSettings): TrackingTableArns {
  const { trackingTable: source, profile } = settings;
  const arns = source.kind === 'existing' ? source : createTrackingTable(scope, settings);
  return { ...arns, indexArn: `${arns.tableArn}/index/${profile.records.status_index}` };
}

function createTrackingTable(scope: Construct, settings: EnvironmentSettings) {
  const index = { indexName: settings.profile.records.status_index, ...keysOf(TRACKING_SCHEMA.statusIndex) };
  const { tableArn, tableStreamArn = '' } = new TableV2(scope, 'TrackingTable', {
    tableName: settings.names.trackingTable,
    ...keysOf(TRACKING_SCHEMA),
    globalSecondaryIndexes: [index],
    dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
    timeToLiveAttribute: TRACKING_SCHEMA.timeToLive,
    encryption: encryptionOf(scope, 'TrackingTableKey', settings.kmsKeys.tracking_table),
    billing: Billing.onDemand(),
    ...safekeeping(settings),
  });
  return { tableArn, streamArn: tableStreamArn };
}

/** The State Manager's own table. It has no index: queries by status use the pipeline's, which is already paid for. */
export function projectionTable(scope: Construct, settings: EnvironmentSettings): TableV2 {
  return new TableV2(scope, 'ProjectionTable', {
    tableName: settings.names.projectionTable,
    ...keysOf(PROJECTION_SCHEMA),
    timeToLiveAttribute: PROJECTION_SCHEMA.timeToLive,
    encryption: encryptionOf(scope, 'ProjectionTableKey', settings.kmsKeys.projection_table),
    billing: billingOf(settings.capacity),
    ...safekeeping(settings),
  });
}

/** The share of the provisioned capacity that auto-scaling aims to have in use. */
export const TARGET_PERCENT = 70;

/**
 * The seed is what a table gets that is switched from on-demand; without one, no switch is accepted, in either direction,
 * because a failed one could not be undone:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-dynamodb-globaltable-capacityautoscalingsettings.html
 *
 * Auto-scaling takes minutes to react. A faster rise uses up to five minutes of saved, unused capacity, and is throttled
 * after that; the consumer waits and retries.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html
 */
function billingOf(capacity: EnvironmentSettings['capacity']): Billing {
  if (capacity.mode === 'on_demand') return Billing.onDemand();
  const scaled = ({ least, most }: { readonly least: number; readonly most: number }) =>
    Capacity.autoscaled({
      minCapacity: least,
      maxCapacity: most,
      seedCapacity: least,
      targetUtilizationPercent: TARGET_PERCENT,
    });
  return Billing.provisioned({
    writeCapacity: scaled(capacity.write),
    readCapacity: scaled(capacity.read),
  });
}

/** Keys in the form that the CDK expects; all of them are text. */
function keysOf({ partitionKey, sortKey }: { readonly partitionKey: string; readonly sortKey: string }) {
  return {
    partitionKey: { name: partitionKey, type: AttributeType.STRING },
    sortKey: { name: sortKey, type: AttributeType.STRING },
  };
}

function encryptionOf(scope: Construct, id: string, keyArn: string | undefined): TableEncryptionV2 {
  return keyArn === undefined
    ? TableEncryptionV2.dynamoOwnedKey()
    : TableEncryptionV2.customerManagedKey(Key.fromKeyArn(scope, id, keyArn));
}

/**
 * Both tables can be restored from backups. The projection needs them too: a rebuild cannot restore timelines, whose
 * events exist nowhere else. Protection from deletion is set once the stack exists (`protect.ts`): a table that is
 * protected from the start cannot be rolled back if the rest of the stack fails.
 */
function safekeeping({ keepData }: EnvironmentSettings) {
  return {
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    removalPolicy: removalPolicyOf(keepData),
  };
}

const MULTIPART_DAYS = 7;
const RUNS_DAYS = 90;
// A person has to look at a dead letter, and an alarm says so; a year is longer than any holiday.
const DEAD_LETTER_DAYS = 365;

/** Holds records that could not be applied until they are replayed, and the results of runs. */
export function deadLetterBucket(scope: Construct, settings: EnvironmentSettings): Bucket {
  const { names, keepData, kmsKeys } = settings;
  const bucket = new Bucket(scope, 'DeadLetterBucket', {
    bucketName: names.deadLetterBucket,
    ...(kmsKeys.dead_letters === undefined
      ? { encryption: BucketEncryption.S3_MANAGED }
      : {
          encryption: BucketEncryption.KMS,
          encryptionKey: Key.fromKeyArn(scope, 'DeadLetterKey', kmsKeys.dead_letters),
          // One request to KMS for many objects.
          bucketKeyEnabled: true,
        }),
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    lifecycleRules: [
      { id: 'dead-letters', expiration: Duration.days(DEAD_LETTER_DAYS) },
      { id: 'runs', prefix: BUCKET_PREFIXES.runs, expiration: Duration.days(RUNS_DAYS) },
      { id: 'uploads', abortIncompleteMultipartUploadAfter: Duration.days(MULTIPART_DAYS) },
    ],
    removalPolicy: removalPolicyOf(keepData),
  });
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason:
      'Only the functions and operators of this account reach it, and a log bucket would need one itself.',
  });
  return bucket;
}

/**
 * What happens to data and logs when their stack is deleted. They are kept only after the stack's first success: what a
 * failed creation left behind would have the names that the next attempt needs.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
 */
export function removalPolicyOf(keepData: boolean): RemovalPolicy {
  return keepData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
}

const period = Duration.minutes(5);

/**
 * The alarm for throttling of the projection table. Without throttling there is no value, and an alarm on a DynamoDB
 * metric ignores missing values and stays on:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html (TreatMissingData; the
 * user's guide says "by default"). Filled with zeros, no value is ever missing. The newest period is zero until its
 * value arrives, so the alarm cannot require all of the last periods.
 */
export function tableAlarm(table: TableV2): AlarmDefinition {
  return {
    name: 'table-throttles',
    description:
      "The projection table throttles requests. One date may be too hot, or the account's limit is reached. The consumer waits and continues.",
    runbook: 'watch.ts',
    metric: new MathExpression({
      expression: 'FILL(reads, 0) + FILL(writes, 0)',
      label: 'throttled requests',
      usingMetrics: {
        reads: tableMetric(table, 'ReadThrottleEvents'),
        writes: tableMetric(table, 'WriteThrottleEvents'),
      },
      period,
    }),
    when: { above: 0 },
    of: { bad: 3, periods: 5 },
  };
}

/** What the projection table costs money for, except backups. */
export function tableGraph(table: TableV2): DashboardGraph {
  return {
    title: 'Projection table',
    metrics: [
      tableMetric(table, 'ConsumedWriteCapacityUnits'),
      tableMetric(table, 'ConsumedReadCapacityUnits'),
    ],
    unit: 'units',
  };
}

function tableMetric(table: TableV2, name: string) {
  return table.metric(name, { dimensionsMap: { TableName: table.tableName }, statistic: 'Sum', period });
}
