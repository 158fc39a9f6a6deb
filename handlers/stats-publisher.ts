import { dynamoDbDocuments } from '../shared/aws/clients.ts';
import { readConfig } from '../shared/aws/config.ts';
import { s3 } from '../shared/aws/s3-client.ts';
import { functionMetrics } from '../shared/metrics/function-metrics.ts';
import { publishStats } from '../shared/metrics/stats-publisher.ts';
import { noteTaskEnd } from '../shared/reports/task-ends.ts';
import { readProfile } from '../shared/settings/pipeline-profile.ts';
import { reportStats, type StatsReport } from '../shared/statistics/stats-report.ts';

const config = readConfig(['environment', 'projectionTable', 'deadLetterBucket', 'pipelineProfile']);
const projection = { docs: dynamoDbDocuments(), name: config.projectionTable };
const deadLetters = { s3: s3(), bucket: config.deadLetterBucket };
const profile = readProfile(config.pipelineProfile);
const metrics = functionMetrics('stats-publisher', config.environment);

/** Publishes the projection's counts, and keeps them for trends. */
export async function handler(): Promise<StatsReport> {
  const now = Date.now();
  const report = await reportStats(projection, deadLetters, profile, now);
  publishStats(report, metrics);
  await noteTaskEnd(projection, 'statistics', now);
  return report;
}
