import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';

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
const BUSY = new Set([
  'ProvisionedThroughputExceeded',
  'ProvisionedThroughputExceededException',
  'ThrottlingError',
  'ThrottlingException',
  'RequestLimitExceeded',
  'InternalServerError',
  'ServiceUnavailable',
  'TransactionInProgressException',
  'TimeoutError',
]);

/**
 * Classifies a failed DynamoDB write. The SDK retries throttles and network faults by itself but never a
 * cancelled transaction, whose reasons come one per item:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
export function classifyFault(error: unknown): Fault {
  if (error instanceof TransactionCanceledException) return classifyReasons(error);
  const { name, $fault, $retryable, code } = error as Partial<SdkError>;
  if (name && REJECTED.has(name)) return 'rejected';
  if (name === 'TransactionConflictException') return 'contended';
  const network = typeof code === 'string' && /^E[A-Z]+$/.test(code);
  return (name && BUSY.has(name)) || $fault === 'server' || $retryable || network ? 'busy' : 'fatal';
}

interface SdkError {
  readonly name: string;
  readonly code: string;
  readonly $fault: 'client' | 'server';
  readonly $retryable: object;
}

function classifyReasons({ CancellationReasons = [] }: TransactionCanceledException): Fault {
  const codes = CancellationReasons.map(({ Code = 'None' }) => Code);
  if (codes.some((code) => REJECTED.has(code))) return 'rejected';
  if (codes.length > 0 && codes.every((code) => CONTENDED.has(code))) return 'contended';
  return codes.some((code) => BUSY.has(code)) || codes.length === 0 ? 'busy' : 'fatal';
}
