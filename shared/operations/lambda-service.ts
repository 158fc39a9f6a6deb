import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { dynamoDbDocuments } from '../aws/clients.ts';
import { readConfig, readOptional } from '../aws/config.ts';
import { executionStarter } from '../aws/executions.ts';
import { endingAt, s3 } from '../aws/s3-client.ts';
import { stopInTime } from '../aws/stop-in-time.ts';
import { readApprovalRule } from '../changes/approval-rule.ts';
import { newChangeId } from '../changes/change.ts';
import { STORAGE_SETTINGS, storageOf } from '../pipeline/storage.ts';
import { trackingTable } from '../pipeline/tracking-table.ts';
import { readProfile } from '../settings/pipeline-profile.ts';
import { operations } from './all.ts';
import { type Allowed, answer, operationIn } from './answer.ts';
import { formed, readAnswerForm } from './answer-form.ts';
import { lambdaActor } from './lambda-actor.ts';

// For work in progress when time runs out: it is finished, stored, and answered. Looking for the evidence on one file
// may take ten requests, one after another.
const RESERVE_MILLIS = 20_000;
// What S3 has not answered by then is unknown, and the answer says so.
const ANSWER_MILLIS = 5_000;

/**
 * A handler that answers `aws lambda invoke` with `{"operation": …}`, made when its function starts.
 *
 * @param clock milliseconds since the epoch
 * @throws Error when the function's variables are incomplete
 */
export function operationsHandler(serviceName: string, allowed: Allowed, clock: () => number) {
  const config = readConfig([
    ...(['trackingTable', 'projectionTable', 'pipelineProfile', 'answerForm', 'approval'] as const),
    ...STORAGE_SETTINGS,
  ]);
  const form = readAnswerForm(config.answerForm);
  const docs = dynamoDbDocuments();
  const machine = readOptional('changeMachine');
  const start = machine === undefined ? undefined : executionStarter(machine);
  const storage = storageOf(s3(), config);
  const profile = readProfile(config.pipelineProfile);
  const approval = readApprovalRule(config.approval);
  const logger = new Logger({ serviceName });
  return async (request: unknown, lambda: Context): Promise<object> => {
    logger.addContext(lambda);
    const now = clock();
    const deps = {
      tracking: trackingTable(docs, config.trackingTable, profile),
      projection: { docs, name: config.projectionTable },
      storage: { ...storage, s3: endingAt(storage.s3, lambda.getRemainingTimeInMillis() - ANSWER_MILLIS) },
      profile,
      approval,
      now,
      clock,
      actor: lambdaActor(lambda),
      newId: () => newChangeId(now, randomBytes(4).toString('hex')),
      goOn: start && ((change_id: string, name?: string) => start({ change_id }, name)),
      sleep,
      signal: stopInTime(lambda.getRemainingTimeInMillis(), RESERVE_MILLIS),
      remainingMillis: () => lambda.getRemainingTimeInMillis() - RESERVE_MILLIS,
    };
    const reply = await answer(request, operations, deps, allowed);
    logger.info('Answered', {
      operation: operationIn(request),
      refused: 'error' in reply,
    });
    return formed(reply, form);
  };
}
