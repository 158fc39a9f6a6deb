import { type LambdaStreamRecord, latestCreation } from './event.ts';

/** The settings of an event source mapping, with Lambda's names and meanings; -1 is "no limit". */
export interface StreamSettings {
  batchSize: number;
  maximumBatchingWindowSeconds: number;
  maximumRetryAttempts: number;
  maximumRecordAgeSeconds: number;
  bisectBatchOnFunctionError: boolean;
  reportBatchItemFailures: boolean;
  /** The only one that the local runner supports. */
  startingPosition: 'TRIM_HORIZON';
}

/** The result of an invocation: the function's answer, or its error object when `functionError` is set. */
export type Outcome = { payload: unknown; functionError?: string };

export type Condition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

/** A batch, or what is left of one: `failures` counts how often exactly these records have failed together. */
export type SubBatch = { records: readonly LambdaStreamRecord[]; failures: number; ending?: Ending };

/** Why records are given up on. */
export type Ending = { condition: Condition; functionError?: string };

/** What follows: how many records at the start are done, and what takes the place of the batch. */
export interface Step {
  kind: 'advance' | 'resume' | 'split' | 'retry' | 'discard';
  delivered: number;
  rest: readonly SubBatch[];
}

/** Lambda's limit on the event of one invocation. */
const PAYLOAD_LIMIT_BYTES = 6 * 1_048_576;

type RetrySettings = Pick<
  StreamSettings,
  'maximumRetryAttempts' | 'bisectBatchOnFunctionError' | 'reportBatchItemFailures'
>;

/**
 * Decides what happens to records after an invocation. Splitting does not use up retries, and neither does progress: the rest
 * of a partly successful batch has all of its retries, as LocalStack's tests recorded on AWS.
 */
export function nextStep(batch: SubBatch, outcome: Outcome, settings: RetrySettings): Step {
  const failedAt = firstFailure(batch.records, outcome, settings.reportBatchItemFailures);
  const { records, failures } = batch;
  if (failedAt === undefined) return { kind: 'advance', delivered: records.length, rest: [] };
  if (failedAt > 0) {
    return { kind: 'resume', delivered: failedAt, rest: [{ records: records.slice(failedAt), failures: 0 }] };
  }
  if (settings.bisectBatchOnFunctionError && records.length > 1) {
    return { kind: 'split', delivered: 0, rest: halves(batch) };
  }
  const failed: SubBatch = { records, failures: failures + 1 };
  const { maximumRetryAttempts } = settings;
  if (maximumRetryAttempts < 0 || failed.failures <= maximumRetryAttempts) {
    return { kind: 'retry', delivered: 0, rest: [failed] };
  }
  const ending: Ending = { condition: 'RetryAttemptsExhausted', functionError: outcome.functionError };
  return { kind: 'discard', delivered: 0, rest: [{ ...failed, ending }] };
}

/** Separates the records that have become too old for the function; undefined if there are none. */
export function separateExpired(
  batch: SubBatch,
  maximumRecordAgeSeconds: number,
  now: Date,
): [SubBatch, SubBatch] | undefined {
  if (maximumRecordAgeSeconds < 0) return undefined;
  const oldest = now.getTime() / 1000 - maximumRecordAgeSeconds;
  const isYoung = ({ dynamodb }: LambdaStreamRecord) =>
    latestCreation(dynamodb.ApproximateCreationDateTime) >= oldest;
  const firstYoung = batch.records.findIndex(isYoung);
  const expired = firstYoung === -1 ? batch.records.length : firstYoung;
  if (expired === 0) return undefined;
  return [
    { ...batch, records: batch.records.slice(0, expired), ending: { condition: 'RecordAgeExceeded' } },
    { ...batch, records: batch.records.slice(expired) },
  ];
}

/** How many records at the start make a batch: at most `batchSize`, and at most 6 MB of JSON, but at least one. */
export function countForBatch(records: readonly LambdaStreamRecord[], batchSize: number): number {
  let bytes = 0;
  for (const [index, record] of records.slice(0, batchSize).entries()) {
    bytes += Buffer.byteLength(JSON.stringify(record)) + 1;
    if (bytes > PAYLOAD_LIMIT_BYTES) return Math.max(1, index);
  }
  return Math.min(records.length, batchSize);
}

/** The pause before a retry: doubling from 100 ms to 10 s. */
export function retryDelayMilliseconds(failures: number): number {
  return Math.min(10_000, 100 * 2 ** Math.min(failures - 1, 10));
}

function halves({ records, failures }: SubBatch): [SubBatch, SubBatch] {
  const middle = Math.ceil(records.length / 2);
  return [
    { records: records.slice(0, middle), failures },
    { records: records.slice(middle), failures },
  ];
}

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
