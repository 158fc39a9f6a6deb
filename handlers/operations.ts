import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { dynamoDbDocuments } from '../shared/aws/clients.ts';
import { readConfig } from '../shared/aws/config.ts';
import { s3 } from '../shared/aws/s3-client.ts';
import { newChangeId } from '../shared/changes/change.ts';
import { operations } from '../shared/operations/all.ts';
import { answer } from '../shared/operations/answer.ts';
import { formed, readAnswerForm } from '../shared/operations/answer-form.ts';
import { lambdaActor } from '../shared/operations/lambda-actor.ts';
import { STORAGE_SETTINGS, storageOf } from '../shared/pipeline/storage.ts';
import { trackingTable } from '../shared/pipeline/tracking-table.ts';
import { readProfile } from '../shared/settings/pipeline-profile.ts';

const config = readConfig([
  ...(['trackingTable', 'projectionTable', 'pipelineProfile', 'answerForm'] as const),
  ...STORAGE_SETTINGS,
]);
const form = readAnswerForm(config.answerForm);
const docs = dynamoDbDocuments();
const storage = storageOf(s3(), config);
const profile = readProfile(config.pipelineProfile);
const logger = new Logger({ serviceName: 'operations' });

// For what is under way when time runs out: it is finished, noted, and answered for.
const RESERVE_MILLIS = 8_000;

/** Answers `aws lambda invoke` with `{"operation": …}`. */
export async function handler(request: unknown, lambda: Context): Promise<object> {
  logger.addContext(lambda);
  const now = Date.now();
  const reply = await answer(request, operations, {
    tracking: trackingTable(docs, config.trackingTable, profile),
    projection: { docs, name: config.projectionTable },
    storage,
    profile,
    now,
    actor: lambdaActor(lambda),
    newId: () => newChangeId(now, randomBytes(4).toString('hex')),
    sleep,
    signal: AbortSignal.timeout(Math.max(0, lambda.getRemainingTimeInMillis() - RESERVE_MILLIS)),
  });
  logger.info('Answered', {
    operation: (request as { operation?: unknown } | null)?.operation,
    refused: 'error' in reply,
  });
  return formed(reply, form);
}
