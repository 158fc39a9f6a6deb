import type { TransactionCanceledException } from '@aws-sdk/client-dynamodb';

/** What a failed write calls for. */
export type Fault =
  /** A condition did not hold, or another transaction held an item: read again and retry at once. */
  | 'contended'
  /** Too fast, or the service or network is in trouble: wait and retry. */
  | 'busy'
  /** The request itself can never succeed: find the item at fault. */
  | 'rejected'
  /** Anything else, such as missing permissions or a missing table: no retry here helps. */
  | 'fatal';

const CONTENDED = new Set(['None', 'ConditionalCheckFailed', 'TransactionConflict']);
const REJECTED = new Set([
  'ValidationError',
  'ValidationException',
  'ItemCollectionSizeLimitExceeded',
  'ItemCollectionSizeLimitExceededException',
]);
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
const THROTTLED = new Set([
  'ProvisionedThroughputExceeded',
  'ProvisionedThroughputExceededException',
  'Throttling',
  'ThrottlingError',
  'ThrottlingException',
  'RequestLimitExceeded',
  'SlowDown',
  'TooManyRequestsException',
]);
const FAILED = new Set([
  'InternalError',
  'InternalFailure',
  'InternalServerError',
  'RequestTimeout',
  'ServiceUnavailable',
  'ServiceUnavailableException',
]);
const BUSY = new Set([...THROTTLED, ...FAILED, 'TransactionInProgressException', 'TimeoutError']);

/**
 * Classifies a failed DynamoDB write. The SDK retries throttles and network faults by itself but never a
 * cancelled transaction, whose reasons come one per item:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
export function classifyFault(error: unknown): Fault {
  if (isCancelled(error)) return classifyReasons(error);
  const { name, $fault, $retryable, code } = error as Partial<SdkError>;
  if (name && REJECTED.has(name)) return 'rejected';
  if (name === 'TransactionConflictException') return 'contended';
  const network = typeof code === 'string' && /^E[A-Z]+$/.test(code);
  return (name && BUSY.has(name)) || $fault === 'server' || $retryable || network ? 'busy' : 'fatal';
}

/** By its name: the class would load the whole client, and command lines are read without one. */
function isCancelled(error: unknown): error is TransactionCanceledException {
  return error instanceof Error && error.name === 'TransactionCanceledException';
}

/** Whether a service asks for fewer requests, or has failed by itself: the request was right, and later it may succeed. */
export function serviceTrouble(error: unknown): 'throttled' | 'failed' | undefined {
  const { name, $fault, $metadata } = (error ?? {}) as Partial<SdkError>;
  if (name && THROTTLED.has(name)) return 'throttled';
  // An answer without a body, such as that to a HEAD, has no name of its own.
  const isFailure = $fault === 'server' || ($metadata?.httpStatusCode ?? 0) >= 500;
  return (name && FAILED.has(name)) || isFailure ? 'failed' : undefined;
}

interface SdkError {
  readonly name: string;
  readonly code: string;
  readonly $fault: 'client' | 'server';
  readonly $retryable: object;
  readonly $metadata: { readonly httpStatusCode?: number };
}

function classifyReasons({ CancellationReasons = [] }: TransactionCanceledException): Fault {
  const codes = CancellationReasons.map(({ Code = 'None' }) => Code);
  if (codes.some((code) => REJECTED.has(code))) return 'rejected';
  if (codes.length > 0 && codes.every((code) => CONTENDED.has(code))) return 'contended';
  return codes.some((code) => BUSY.has(code)) || codes.length === 0 ? 'busy' : 'fatal';
}
