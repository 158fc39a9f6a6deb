import { Stack } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import { partName } from '../../shared/aws/deployment-names.ts';
import { besideAudit, items, queryAcknowledged } from '../access.ts';
import { invocationOf, type ScheduledTask } from '../schedules.ts';
import type { EnvironmentSettings } from '../settings.ts';
import type { DeployedFunction, FunctionDefinition } from './function.ts';

/** Deployed only where the settings name a bus. */
export const outlet: FunctionDefinition = {
  memoryMegabytes: 256,
  timeoutSeconds: 30,
  handler: 'outlet',
  description: 'Tells other tools what happened, on an event bus',
  settings: ['environment', 'trackingTable', 'projectionTable', 'pipelineProfile', 'eventBus'],
  access: (resources) => [
    // It reads what a change is about, and may write none.
    { actions: items('Get'), resources: [resources.projectionArn] },
    // Late files of the very hour of the limit are looked at, and so are those that are acknowledged.
    { actions: items('Get'), resources: [resources.tracking.tableArn] },
    { actions: items('Query'), resources: [resources.tracking.indexArn] },
    besideAudit(resources, 'Delete', 'Put', 'Query'),
    queryAcknowledged(resources),
    ...(resources.eventBusArn === undefined
      ? []
      : [{ actions: ['events:PutEvents'], resources: [resources.eventBusArn] }]),
  ],
};

/** The ARN of the bus, which is created where the settings say so; undefined without one. */
export function eventBusArn(scope: Construct, { outlet: bus }: EnvironmentSettings): string | undefined {
  if (!bus) return undefined;
  if (bus.create) return new EventBus(scope, 'EventBus', { eventBusName: bus.bus }).eventBusArn;
  return Stack.of(scope).formatArn({ service: 'events', resource: 'event-bus', resourceName: bus.bus });
}

/** Whoever set a bus wants to be told, whether sweeps and audits run by themselves or not. */
export function outletTask(settings: EnvironmentSettings, { fn }: DeployedFunction): ScheduledTask {
  return {
    id: 'Outlet',
    name: partName('outlet', settings),
    expression: 'rate(1 minute)',
    ...invocationOf(fn),
  };
}
