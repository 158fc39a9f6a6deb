import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { dynamoDb, dynamoDbDocuments } from '../shared/aws/clients.ts';
import { readConfig } from '../shared/aws/config.ts';
import { mappingClient, readMapping, readStream, reasonsForBlindness } from '../shared/aws/stream-health.ts';
import { functionMetrics } from '../shared/metrics/function-metrics.ts';
import { publishWatch } from '../shared/metrics/watchdog.ts';
import { limitsOfProfile } from '../shared/orphans/limits.ts';
import type { InFlightStatus } from '../shared/pipeline/status.ts';
import { trackingTable } from '../shared/pipeline/tracking-table.ts';
import { noteSample } from '../shared/projection/flow-samples.ts';
import { readTaskAges, type TaskAges } from '../shared/reports/task-ends.ts';
import { readProfile } from '../shared/settings/pipeline-profile.ts';
import { readAgedCounters } from '../shared/statistics/aged-counters.ts';
import { countOverdue } from '../shared/statistics/overdue.ts';

const config = readConfig([
  'environment',
  'trackingTable',
  'projectionTable',
  'pipelineProfile',
  'streamMapping',
]);
const client = dynamoDb();
const docs = dynamoDbDocuments(client);
const projection = { docs, name: config.projectionTable };
const profile = readProfile(config.pipelineProfile);
const tracking = trackingTable(docs, config.trackingTable, profile);
const lambdas = mappingClient();
const metrics = functionMetrics('watchdog', config.environment);
const logger = new Logger({ serviceName: 'watchdog' });

/** What the watchdog found. */
export interface Watch {
  /** Why the projection sees nothing; empty if it does see changes. */
  readonly blind: readonly string[];
  readonly task_age_seconds: TaskAges;
  /** How many files are over the limit of their status. */
  readonly overdue: Readonly<Record<InFlightStatus, number>>;
}

/** Reports what no other part would report in time: that nothing arrives any more, or that a file is late. */
export async function handler(_event: unknown, lambda: Context): Promise<Watch> {
  logger.addContext(lambda);
  const now = Date.now();
  const limits = limitsOfProfile(profile);
  const counters = await readAgedCounters(projection, undefined, limits, now);
  const [mapping, stream, ages, overdue] = await Promise.all([
    readMapping(lambdas, config.streamMapping),
    readStream(client, config.trackingTable),
    readTaskAges({ projection, now }),
    countOverdue({ tracking, projection, now }, limits, counters),
  ]);
  const blind = reasonsForBlindness(mapping, stream);
  if (blind.length > 0) logger.error('The projection is blind', { reasons: blind });
  // While nothing is counted, a sample would look like a pipeline that stands still.
  else await noteSample(projection, counters, now);
  publishWatch({ blind: blind.length > 0, ages, overdue }, metrics);
  return { blind, task_age_seconds: ages, overdue };
}
