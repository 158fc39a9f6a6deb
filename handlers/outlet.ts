import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { dynamoDbDocuments } from '../shared/aws/clients.ts';
import { readConfig } from '../shared/aws/config.ts';
import { eventBridge } from '../shared/aws/event-bridge.ts';
import { type OutletRun, runOutlet } from '../shared/outlet/outlet.ts';
import { trackingTable } from '../shared/pipeline/tracking-table.ts';
import { readProfile } from '../shared/settings/pipeline-profile.ts';

const config = readConfig(['environment', 'trackingTable', 'projectionTable', 'pipelineProfile', 'eventBus']);
const docs = dynamoDbDocuments();
const profile = readProfile(config.pipelineProfile);
const deps = {
  environment: config.environment,
  profile,
  tracking: trackingTable(docs, config.trackingTable, profile),
  projection: { docs, name: config.projectionTable },
  bus: { client: eventBridge(), name: config.eventBus },
};
const logger = new Logger({ serviceName: 'outlet' });

/** Tells other tools, every minute, of what happened since the minute before. */
export async function handler(_event: unknown, lambda: Context): Promise<OutletRun> {
  logger.addContext(lambda);
  const run = await runOutlet({ ...deps, now: Date.now() });
  if (run.sent > 0) logger.info('Notices were sent', { ...run });
  // What waits is sent by the next run; that it had to wait is told by the alarm of this function.
  if (run.fault !== undefined) throw new Error(`The bus did not take ${run.waiting} notices: ${run.fault}`);
  return run;
}
