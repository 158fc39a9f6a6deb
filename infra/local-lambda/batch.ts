import { type LambdaStreamRecord, latestCreation } from './event.ts';
import { firstFailure, type Outcome } from './response.ts';

/** The settings of an event source mapping, with Lambda's names and meanings; -1 is "no limit". */
export interface StreamSettings {
  batchSize: number;
  maximumBatchingWindowSeconds: number;
  maximumRetryAttempts: number;
  maximumRecordAgeSeconds: number;
  bisectBatchOnFunctionError: boolean;
  reportBatchItemFailures: boolean;
  startingPosition: 'TRIM_HORIZON' | 'LATEST';
}

export type Condition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

/** Records that go to the function together; `failures` counts how often exactly these have failed. */
export type Part = { records: readonly LambdaStreamRecord[]; failures: number; ending?: Ending };

/** Why records are given up. */
export type Ending = { condition: Condition; functionError?: string };

/** What follows: how many records at the start are done with, and what takes the place of the part. */
export interface Step {
  kind: 'advance' | 'resume' | 'split' | 'retry' | 'discard';
  delivered: number;
  rest: readonly Part[];
}

/** Lambda's limit on the event of one invocation. */
const PAYLOAD_LIMIT_BYTES = 6 * 1_048_576;

type RetrySettings = Pick<
  StreamSettings,
  'maximumRetryAttempts' | 'bisectBatchOnFunctionError' | 'reportBatchItemFailures'
>;

/**
 * Decides what becomes of records that were given to the function. Splitting does not use up retries, and
 * neither does progress: the rest of a partly successful batch starts anew, as LocalStack's tests recorded on AWS.
 */
export function nextStep(part: Part, outcome: Outcome, settings: RetrySettings): Step {
  const failedAt = firstFailure(part.records, outcome, settings.reportBatchItemFailures);
  const { records, failures } = part;
  if (failedAt === undefined) return { kind: 'advance', delivered: records.length, rest: [] };
  if (failedAt > 0) {
    return { kind: 'resume', delivered: failedAt, rest: [{ records: records.slice(failedAt), failures: 0 }] };
  }
  if (settings.bisectBatchOnFunctionError && records.length > 1) {
    return { kind: 'split', delivered: 0, rest: halves(part) };
  }
  const failed: Part = { records, failures: failures + 1 };
  const { maximumRetryAttempts } = settings;
  if (maximumRetryAttempts < 0 || failed.failures <= maximumRetryAttempts) {
    return { kind: 'retry', delivered: 0, rest: [failed] };
  }
  const ending: Ending = { condition: 'RetryAttemptsExhausted', functionError: outcome.functionError };
  return { kind: 'discard', delivered: 0, rest: [{ ...failed, ending }] };
}

/** Separates the records that have become too old to be given to the function; undefined when none has. */
export function separateExpired(
  part: Part,
  maximumRecordAgeSeconds: number,
  now: Date,
): [Part, Part] | undefined {
  if (maximumRecordAgeSeconds < 0) return undefined;
  const oldest = now.getTime() / 1000 - maximumRecordAgeSeconds;
  const isYoung = ({ dynamodb }: LambdaStreamRecord) =>
    latestCreation(dynamodb.ApproximateCreationDateTime) >= oldest;
  const firstYoung = part.records.findIndex(isYoung);
  const expired = firstYoung === -1 ? part.records.length : firstYoung;
  if (expired === 0) return undefined;
  return [
    { ...part, records: part.records.slice(0, expired), ending: { condition: 'RecordAgeExceeded' } },
    { ...part, records: part.records.slice(expired) },
  ];
}

/** How many records at the start make a batch: at most `batchSize`, and at most 6 MB of JSON, but one at least. */
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

function halves({ records, failures }: Part): [Part, Part] {
  const middle = Math.ceil(records.length / 2);
  return [
    { records: records.slice(0, middle), failures },
    { records: records.slice(middle), failures },
  ];
}
