import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { dynamoDbDocuments, s3 } from '../shared/aws/clients.ts';
import { readConfig } from '../shared/aws/config.ts';
import { newChangeId } from '../shared/changes/change.ts';
import { type Sample, withSample } from '../shared/dashboard/history.ts';
import { ASKED_OPERATIONS, type Question } from '../shared/dashboard/read.ts';
import { answerWidget } from '../shared/dashboard/widget.ts';
import { operations } from '../shared/operations/all.ts';
import { answer } from '../shared/operations/answer.ts';
import { lambdaActor } from '../shared/operations/lambda-actor.ts';
import { STORAGE_SETTINGS, storageOf } from '../shared/pipeline/storage.ts';

const config = readConfig(['environment', 'trackingTable', 'projectionTable', ...STORAGE_SETTINGS]);
const docs = dynamoDbDocuments();
const tables = {
  tracking: { docs, name: config.trackingTable },
  projection: { docs, name: config.projectionTable },
};
const storage = storageOf(s3(), config);
const logger = new Logger({ serviceName: 'dashboard-widget' });
const reading = operations.filter(({ name }) => ASKED_OPERATIONS.some((asked) => asked === name));
// Trends are over what this process has seen: a dashboard that refreshes itself keeps it alive.
let samples: readonly Sample[] = [];

/** Draws the dashboard: as a CloudWatch custom widget, and as the page of the local system. */
export async function handler(event: unknown, lambda: Context): Promise<string> {
  logger.addContext(lambda);
  const now = Date.now();
  const context = {
    ...tables,
    storage,
    now,
    actor: lambdaActor(lambda),
    newId: () => newChangeId(now, randomBytes(4).toString('hex')),
    sleep,
    signal: AbortSignal.timeout(lambda.getRemainingTimeInMillis()),
  };
  const place = { environment: config.environment, functionArn: lambda.invokedFunctionArn };
  return answerWidget(event, place, {
    ask: (question: Question) => answer(question, reading, context),
    noteFault: (error) => logger.error('A view could not read something', error as Error),
    projection: tables.projection,
    keepSample: (sample) => {
      samples = withSample(samples, sample);
      return samples;
    },
    now,
  });
}
