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

/** Sends, every minute, notices of what has happened since the minute before. */
export async function handler(_event: unknown, lambda: Context): Promise<OutletRun> {
  logger.addContext(lambda);
  const run = await runOutlet({ ...deps, now: Date.now() });
  if (run.sent > 0) logger.info('Notices were sent', { ...run });
  // The next run sends what is waiting. This function's alarm reports that it had to wait.
  if (run.fault !== undefined) throw new Error(`The bus did not accept ${run.waiting} notices: ${run.fault}`);
  return run;
}
