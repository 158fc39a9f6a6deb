import { Metrics } from '@aws-lambda-powertools/metrics';
import { dynamoDbDocuments, s3 } from '../shared/aws/clients.ts';
import { readConfig } from '../shared/aws/config.ts';
import { recordStats, reportStats, type StatsReport } from '../shared/metrics/stats-report.ts';

const config = readConfig(['environment', 'projectionTable', 'deadLetterBucket']);
const projection = { docs: dynamoDbDocuments(), name: config.projectionTable };
const deadLetters = { s3: s3(), bucket: config.deadLetterBucket };
const metrics = new Metrics({
  namespace: 'StateManager',
  serviceName: 'stats-publisher',
  defaultDimensions: { environment: config.environment },
});

/** Publishes what the projection counts, and keeps it so that trends can be told. */
export async function handler(): Promise<StatsReport> {
  const report = await reportStats(projection, deadLetters, Date.now());
  recordStats(report, metrics);
  metrics.publishStoredMetrics();
  return report;
}
