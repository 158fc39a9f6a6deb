import { Stack } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { partName } from '../shared/aws/deployment-names.ts';
import { auditUnits } from './audit-units.ts';
import type { Functions } from './functions.ts';
import { rebuildUnits } from './rebuild-units.ts';
import { runMachine } from './run-machine.ts';
import type { EnvironmentSettings } from './settings.ts';

// Each date reads the pipeline's table and buckets, which have work of their own.
const AUDITED_AT_ONCE = 4;
const REBUILT_AT_ONCE = 8;

/** The works that are too large for one invocation, by name. */
export function runMachines(
  scope: Construct,
  { environment }: EnvironmentSettings,
  functions: Functions,
  projection: TableV2,
  results: Bucket,
): Record<string, StateMachine> {
  const { 'consistency-audit': audit, 'projection-rebuild': rebuild } = functions;
  return {
    ...(audit && {
      audit: runMachine(scope, 'Audit', {
        name: partName('audit', environment),
        comment: 'Compares S3, tracking table and projection, date by date',
        prepare: auditUnits(projection.tableName, Stack.of(scope).partition),
        worker: audit.fn,
        concurrency: AUDITED_AT_ONCE,
        results,
        access: [{ actions: ['dynamodb:Query'], resources: [projection.tableArn] }],
      }),
    }),
    ...(rebuild && {
      rebuild: runMachine(scope, 'Rebuild', {
        name: partName('rebuild', environment),
        comment: 'Gives a head to every record of the tracking table that has none',
        prepare: rebuildUnits(),
        worker: rebuild.fn,
        concurrency: REBUILT_AT_ONCE,
        results,
        access: [],
      }),
    }),
  };
}
