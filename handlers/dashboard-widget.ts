import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { dynamoDbDocuments } from '../shared/aws/clients.ts';
import { readConfig } from '../shared/aws/config.ts';
import { type Sample, withSample } from '../shared/dashboard/trend.ts';
import type { Deployed } from '../shared/dashboard/view.ts';
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
// Trends cover what this process has seen; a dashboard that refreshes automatically keeps it alive.
let samples: readonly Sample[] = [];

/** Draws the dashboard: as a CloudWatch custom widget, and as the page of the local system. */
export async function handler(event: unknown, lambda: Context): Promise<string> {
  logger.addContext(lambda);
  const { environment } = config;
  const functionArn = lambda.invokedFunctionArn;
  const place = { environment, functionArn, deployed: deployedAt(functionArn, environment) };
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

/** Derived from its own ARN, because all functions are named alike; undefined on one machine, which has no console. */
function deployedAt(functionArn: string, environment: string): Deployed | undefined {
  const [, , , region = '', , , name = ''] = functionArn.split(':');
  const end = name.indexOf(`-dashboard-widget-${environment}`);
  return environment === 'local' || end < 0 ? undefined : { region, functionPrefix: name.slice(0, end) };
}
