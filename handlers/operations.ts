import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { dynamoDbDocuments } from '../shared/aws/clients.ts';
import { readConfig } from '../shared/aws/config.ts';
import { operations } from '../shared/operations/all.ts';
import { answer } from '../shared/operations/answer.ts';

const config = readConfig(['trackingTable', 'projectionTable']);
const docs = dynamoDbDocuments();
const logger = new Logger({ serviceName: 'operations' });

/** Answers `aws lambda invoke` with `{"operation": …}`. */
export async function handler(request: unknown, lambda: Context): Promise<object> {
  logger.addContext(lambda);
  const reply = await answer(request, operations, {
    tracking: { docs, name: config.trackingTable },
    projection: { docs, name: config.projectionTable },
    now: Date.now(),
  });
  logger.info('Answered', {
    operation: (request as { operation?: unknown } | null)?.operation,
    refused: 'error' in reply,
  });
  return reply;
}
