import {
  type AttributeValue,
  ProvisionedThroughputExceededException,
  RequestLimitExceeded,
  ThrottlingException,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import type { Throttle } from './capacity.ts';
import type { Footprint } from './footprint.ts';

const CONFLICT = 'Transaction is ongoing for the item';
const TOO_FAST =
  'Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so please try again shortly.';

/**
 * What a request is told whose items are with somebody else: a transaction by its reasons, in the order of its items.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html#API_TransactWriteItems_Errors
 */
export function conflictError({ kind, items }: Footprint, taken: readonly number[]): Error {
  if (kind === 'write') return new TransactionConflictException({ message: CONFLICT, $metadata: {} });
  const reason = { Code: 'TransactionConflict', Message: CONFLICT };
  return cancelledError(items.map((_, i) => (taken.includes(i) ? reason : undefined)));
}

/**
 * What a request is told that was too fast. A transaction on an on-demand table has `ThrottlingError` as its reason;
 * plain requests have an exception, whose own reason names the limit:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/throttling-diagnosing-workflow.html
 */
export function throttleError({ kind, items }: Footprint, { at, limit }: Throttle): Error {
  if (kind.startsWith('transaction')) {
    const reason = { Code: 'ThrottlingError', Message: TOO_FAST };
    return cancelledError(items.map((_, i) => (i === at ? reason : undefined)));
  }
  const kindOfLimit = limit === 'account' ? 'AccountLimitExceeded' : 'KeyRangeThroughputExceeded';
  const reason = `Table${kind === 'write' ? 'Write' : 'Read'}${kindOfLimit}`;
  const reasons = [{ reason, resource: items[at]?.table }];
  const common = { message: TOO_FAST, $metadata: {} };
  if (limit === 'account') return new RequestLimitExceeded({ ...common, ThrottlingReasons: reasons });
  // A table that grows splits its partitions: the reason names a key range in either case.
  if (limit === 'table') return new ThrottlingException({ ...common, throttlingReasons: reasons });
  return new ProvisionedThroughputExceededException({ ...common, ThrottlingReasons: reasons });
}

/** A cancelled transaction; where there is no reason, that item was not the cause. */
export function cancelledError(
  reasons: readonly (
    | {
        readonly Code: string;
        readonly Message: string;
        readonly Item?: Record<string, AttributeValue> | undefined;
      }
    | undefined
  )[],
): TransactionCanceledException {
  const codes = reasons.map((reason) => reason?.Code ?? 'None').join(', ');
  return new TransactionCanceledException({
    message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    $metadata: {},
    CancellationReasons: reasons.map((reason) => ({ ...(reason ?? { Code: 'None' }) })),
  });
}
