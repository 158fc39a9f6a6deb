import { AttributeType, Billing, StreamViewType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { STATUS_INDEX } from '../shared/pipeline/status-index.ts';
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
  return { ...arns, indexArn: `${arns.tableArn}/index/${STATUS_INDEX}` };
}

function createTable(scope: Construct, settings: EnvironmentSettings) {
  const { tableArn, tableStreamArn = '' } = new TableV2(scope, 'TrackingTable', {
    tableName: settings.names.trackingTable,
    partitionKey: text('date_prefix'),
    sortKey: text('file_key'),
    globalSecondaryIndexes: [
      { indexName: STATUS_INDEX, partitionKey: text('status'), sortKey: text('date_prefix') },
    ],
    dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
    timeToLiveAttribute: 'ttl',
    billing: Billing.onDemand(),
    encryption: TableEncryptionV2.dynamoOwnedKey(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    ...removalOf(settings),
  });
  return { tableArn, streamArn: tableStreamArn };
}

function text(name: string) {
  return { name, type: AttributeType.STRING };
}
