import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { dynamoDb, dynamoDbDocuments } from '../shared/aws/clients.ts';
import { readConfig } from '../shared/aws/config.ts';
import { mappingClient, readMapping, readStream, reasonsForBlindness } from '../shared/aws/stream-health.ts';
import { functionMetrics } from '../shared/metrics/function-metrics.ts';
import { publishWatch } from '../shared/metrics/watchdog.ts';
import { readTaskAges, type TaskAges } from '../shared/projection/task-ends.ts';

const config = readConfig(['environment', 'trackingTable', 'projectionTable', 'streamMapping']);
const client = dynamoDb();
const projection = { docs: dynamoDbDocuments(client), name: config.projectionTable };
const lambdas = mappingClient();
const metrics = functionMetrics('watchdog', config.environment);
const logger = new Logger({ serviceName: 'watchdog' });

/** What the watchdog saw. */
export interface Watch {
  /** Why the projection sees nothing; empty when it does. */
  readonly blind: readonly string[];
  readonly task_age_seconds: TaskAges;
}

/** Tells what no other part would tell of: that nothing comes any more. */
export async function handler(_event: unknown, lambda: Context): Promise<Watch> {
  logger.addContext(lambda);
  const [mapping, stream, ages] = await Promise.all([
    readMapping(lambdas, config.streamMapping),
    readStream(client, config.trackingTable),
    readTaskAges({ projection, now: Date.now() }),
  ]);
  const blind = reasonsForBlindness(mapping, stream);
  if (blind.length > 0) logger.error('The projection is blind', { reasons: blind });
  publishWatch(blind.length > 0, ages, metrics);
  return { blind, task_age_seconds: ages };
}
