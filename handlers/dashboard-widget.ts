import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { dynamoDbDocuments } from '../shared/aws/clients.ts';
import { readConfig } from '../shared/aws/config.ts';
import { type Sample, withSample } from '../shared/dashboard/trend.ts';
import { answerWidget } from '../shared/dashboard/widget.ts';
import { trackingTable } from '../shared/pipeline/tracking-table.ts';
import { readProfile } from '../shared/settings/pipeline-profile.ts';

const config = readConfig(['environment', 'trackingTable', 'projectionTable', 'pipelineProfile']);
const docs = dynamoDbDocuments();
const profile = readProfile(config.pipelineProfile);
const source = {
  profile,
  tracking: trackingTable(docs, config.trackingTable, profile),
  projection: { docs, name: config.projectionTable },
};
const logger = new Logger({ serviceName: 'dashboard-widget' });
// Trends cover what this process has seen: a dashboard that refreshes itself keeps it alive.
let samples: readonly Sample[] = [];

/** Draws the dashboard: as a CloudWatch custom widget, and as the page of the local system. */
export async function handler(event: unknown, lambda: Context): Promise<string> {
  logger.addContext(lambda);
  const place = { environment: config.environment, functionArn: lambda.invokedFunctionArn };
  return answerWidget(event, place, {
    ...source,
    now: Date.now(),
    keepSample: (sample) => {
      samples = withSample(samples, sample);
      return samples;
    },
    noteFault: (error) => logger.error('A view could not read something', error as Error),
  });
}
