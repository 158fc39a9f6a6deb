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

/** The pipeline's table, as far as permissions and the stream mapping need it. */
export interface TrackingTableArns {
  readonly tableArn: string;
  readonly indexArn: string;
  readonly streamArn: string;
}

/** The pipeline's own table where there is one; else a new one of the same form, for an environment without a pipeline. */
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

/** The State Manager's own table. It has no index: questions by status go to the pipeline's, which is paid for. */
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

/** Auto-scaling holds so much more ready than is used that this share of it is used. */
export const TARGET_PERCENT = 70;

/**
 * Auto-scaling needs minutes to follow; what comes faster lives on the five minutes of capacity that were not used, and
 * is throttled after that, which the consumer waits out.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html
 */
function billingOf(capacity: EnvironmentSettings['capacity']): Billing {
  if (capacity.mode === 'on_demand') return Billing.onDemand();
  const scaled = ({ least, most }: { readonly least: number; readonly most: number }) =>
    Capacity.autoscaled({
      minCapacity: least,
      maxCapacity: most,
      targetUtilizationPercent: TARGET_PERCENT,
    });
  return Billing.provisioned({
    writeCapacity: scaled(capacity.write),
    readCapacity: scaled(capacity.read),
  });
}

/** Keys as the CDK takes them; all of them are text. */
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
 * Both tables can be brought back: even of the projection a rebuild knows no timeline, its events are nowhere else.
 * That they cannot be deleted is set when their stack stands (`protect.ts`): a table that is protected from its
 * first moment on cannot be taken back when the rest of the stack fails.
 */
function safekeeping({ keepData }: EnvironmentSettings) {
  return {
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    removalPolicy: removalPolicyOf(keepData),
  };
}

const MULTIPART_DAYS = 7;
const RUNS_DAYS = 90;
// Somebody has to look at a dead letter, and an alarm tells of it; a year is more than any holiday.
const DEAD_LETTER_DAYS = 365;

/** Holds what could not be applied, until somebody has replayed it, and what audits and rebuilds came to. */
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
 * What becomes of data and logs when their stack goes. What is kept is kept from the stack's first success on: what
 * a failed creation left behind would have the names that the next attempt needs.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
 */
export function removalPolicyOf(keepData: boolean): RemovalPolicy {
  return keepData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
}

const period = Duration.minutes(5);

/**
 * What tells that the projection table is asked more than it is allowed to do. Without throttling there is no
 * number, and an alarm on a metric of DynamoDB takes missing numbers for no news and rings on:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html (TreatMissingData; the
 * user's guide says "by default"). Filled with zeros, no number is ever missing. The newest period is zero until
 * its number has come, so not all of the last periods can be asked for.
 */
export function tableAlarm(table: TableV2): AlarmDefinition {
  return {
    name: 'table-throttles',
    description:
      "The projection table throttles. One date may be too hot, or the account's limit is reached; the consumer waits and goes on.",
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

/** What the projection table is paid for, backups aside. */
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
