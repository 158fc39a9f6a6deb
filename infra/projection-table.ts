import { Billing, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { PROJECTION_SCHEMA } from '../shared/projection/projection-table.ts';
import { removalOf } from './removal.ts';
import type { EnvironmentSettings } from './settings.ts';
import { keysOf } from './tracking-table.ts';

/** The State Manager's own table. It has no index: questions by status go to the pipeline's, which is paid for. */
export function projectionTable(scope: Construct, settings: EnvironmentSettings): TableV2 {
  return new TableV2(scope, 'ProjectionTable', {
    tableName: settings.names.projectionTable,
    ...keysOf(PROJECTION_SCHEMA),
    timeToLiveAttribute: PROJECTION_SCHEMA.timeToLive,
    billing: Billing.onDemand(),
    encryption: TableEncryptionV2.dynamoOwnedKey(),
    // All of it can be rebuilt, but a rebuild knows no timeline: the events are nowhere else.
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    ...removalOf(settings),
  });
}
