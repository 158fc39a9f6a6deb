import { Stack } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import { partName } from '../../shared/aws/deployment-names.ts';
import { besideAudit, items, queryAcknowledged } from '../access.ts';
import { invocationOf, type ScheduledTask } from '../schedules.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { removalPolicyOf } from '../storage.ts';
import type { DeployedFunction, FunctionDefinition } from './function.ts';

/** Deployed only if the settings name a bus. */
export const outlet: FunctionDefinition = {
  memoryMegabytes: 256,
  timeoutSeconds: 30,
  staleAfterMinutes: 2,
  isOptional: true,
  handler: 'outlet',
  description: 'Sends notices of what happened to an event bus, for other tools',
  settings: ['environment', 'trackingTable', 'projectionTable', 'pipelineProfile', 'eventBus'],
  access: (resources) => [
    // It reads changes to report them, and may not write any.
    { actions: items('Get'), resources: [resources.projectionArn] },
    // It reads late files of the hour in which the limit falls, and acknowledged files.
    { actions: items('Get'), resources: [resources.tracking.tableArn] },
    { actions: items('Query'), resources: [resources.tracking.indexArn] },
    besideAudit(resources, 'Delete', 'Put', 'Query'),
    queryAcknowledged(resources),
    ...(resources.eventBusArn === undefined
      ? []
      : [{ actions: ['events:PutEvents'], resources: [resources.eventBusArn] }]),
  ],
};

/** The ARN of the bus, which is created if the settings say so; undefined without a bus. */
export function eventBusArn(
  scope: Construct,
  { outlet: bus, keepData }: EnvironmentSettings,
): string | undefined {
  if (!bus) return undefined;
  if (bus.create) {
    const created = new EventBus(scope, 'EventBus', { eventBusName: bus.bus });
    // Other teams have rules on it.
    created.applyRemovalPolicy(removalPolicyOf(keepData));
    return created.eventBusArn;
  }
  return Stack.of(scope).formatArn({ service: 'events', resource: 'event-bus', resourceName: bus.bus });
}

/** If a bus is set, notices are wanted, whether or not sweeps and audits run on a schedule. */
export function outletTask(settings: EnvironmentSettings, { fn }: DeployedFunction): ScheduledTask {
  return {
    id: 'Outlet',
    name: partName('outlet', settings),
    expression: 'rate(1 minute)',
    ...invocationOf(fn),
  };
}
