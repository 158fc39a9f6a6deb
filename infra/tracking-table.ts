import { AttributeType, Billing, StreamViewType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { TRACKING_SCHEMA } from '../shared/pipeline/tracking-table.ts';
import { removalOf } from './removal.ts';
import type { EnvironmentSettings } from './settings.ts';

/** The pipeline's table, as far as permissions and the stream mapping need it. */
export interface TrackingTableArns {
  readonly tableArn: string;
  readonly indexArn: string;
  readonly streamArn: string;
}

/** The pipeline's own table where there is one; else a new one of the same form, for an environment without a pipeline. */
export function trackingTable(scope: Construct, settings: EnvironmentSettings): TrackingTableArns {
  const { trackingTable: source } = settings;
  const arns = source.kind === 'existing' ? source : createTable(scope, settings);
  return { ...arns, indexArn: `${arns.tableArn}/index/${TRACKING_SCHEMA.statusIndex.name}` };
}

function createTable(scope: Construct, settings: EnvironmentSettings) {
  const { statusIndex } = TRACKING_SCHEMA;
  const { tableArn, tableStreamArn = '' } = new TableV2(scope, 'TrackingTable', {
    tableName: settings.names.trackingTable,
    ...keysOf(TRACKING_SCHEMA),
    globalSecondaryIndexes: [{ indexName: statusIndex.name, ...keysOf(statusIndex) }],
    dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
    timeToLiveAttribute: TRACKING_SCHEMA.timeToLive,
    billing: Billing.onDemand(),
    encryption: TableEncryptionV2.dynamoOwnedKey(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    ...removalOf(settings),
  });
  return { tableArn, streamArn: tableStreamArn };
}

/** Both keys as CDK takes them; all keys are text. */
export function keysOf({
  partitionKey,
  sortKey,
}: {
  readonly partitionKey: string;
  readonly sortKey: string;
}) {
  return {
    partitionKey: { name: partitionKey, type: AttributeType.STRING },
    sortKey: { name: sortKey, type: AttributeType.STRING },
  };
}
