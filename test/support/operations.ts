import { randomBytes } from 'node:crypto';
import { dynamoDbDocuments } from '../../shared/aws/clients.ts';
import { newChangeId } from '../../shared/changes/change.ts';
import { operations } from '../../shared/operations/all.ts';
import { answer } from '../../shared/operations/answer.ts';
import type { OperationDeps } from '../../shared/operations/operation.ts';
import type { TrackingRecord } from '../../shared/pipeline/tracking-table.ts';
import { trackingTable } from '../../shared/pipeline/tracking-table.ts';
import type { LocalAws } from './local-aws.ts';
import { FIELD_PROFILE } from './profile.ts';

/** The dependencies of a test's operations, with the project's own document client. */
export function operationDeps(aws: LocalAws, now = Date.parse('2026-11-23T06:00:00Z')): OperationDeps {
  const docs = dynamoDbDocuments(aws.dynamoDb);
  return {
    tracking: trackingTable(docs, aws.trackingTable, FIELD_PROFILE),
    projection: { docs, name: aws.projectionTable },
    storage: { s3: aws.s3, buckets: aws.buckets },
    profile: FIELD_PROFILE,
    now,
    approval: undefined,
    actor: { identity: 'arn:aws:sts::123456789012:assumed-role/Ops/alice', source: 'sts' },
    remainingMillis: () => Number.POSITIVE_INFINITY,
    newId: () => newChangeId(now, randomBytes(4).toString('hex')),
    clock: () => now,
    sleep: () => Promise.resolve(),
    signal: new AbortController().signal,
  };
}

/** Sends a request as a caller does. The answer is what would be sent as JSON. */
export async function ask(context: OperationDeps, request: object): Promise<Answer> {
  return JSON.parse(JSON.stringify(await answer(request, operations, context)));
}

/** The fields that tests look at, of any answer. */
export interface Answer {
  readonly [field: string]: unknown;
  readonly statusCode: number;
  readonly error: { readonly code: string; readonly message: string; readonly hint: string };
  readonly file: TrackingRecord;
  readonly files: readonly TrackingRecord[];
  readonly count: number;
  readonly next_token?: string;
  readonly timeline: readonly { readonly event: string }[];
  readonly steps: readonly { readonly step: string }[];
}
