import type { LambdaStreamRecord } from './event.ts';

/** What an invocation came to: the function's answer, or its error object when `functionError` is set. */
export type Outcome = { payload: unknown; functionError?: string };

/**
 * Where the function failed first: an index, or undefined for a complete success. Empty answers are a success;
 * an identifier that is missing, empty or not of this batch fails the whole batch.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 */
export function firstFailure(
  records: readonly LambdaStreamRecord[],
  outcome: Outcome,
  reportBatchItemFailures: boolean,
): number | undefined {
  if (outcome.functionError) return 0;
  if (!reportBatchItemFailures) return undefined;
  const reported = reportedFailures(outcome.payload);
  if (!Array.isArray(reported)) return reported === undefined || reported === null ? undefined : 0;
  if (reported.length === 0) return undefined;
  const indexes = reported.map((failure) => indexOf(records, failure));
  return Math.max(0, Math.min(...indexes));
}

function reportedFailures(payload: unknown): unknown {
  if (typeof payload !== 'object' || payload === null || !('batchItemFailures' in payload)) return undefined;
  return payload.batchItemFailures;
}

function indexOf(records: readonly LambdaStreamRecord[], failure: unknown): number {
  const identifier =
    typeof failure === 'object' && failure !== null && 'itemIdentifier' in failure && failure.itemIdentifier;
  return records.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === identifier);
}
