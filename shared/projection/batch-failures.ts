import type { DynamoDBBatchResponse } from 'aws-lambda';

/**
 * The answer that makes Lambda deliver again from the first unapplied record on. What comes twice by that
 * is known to the projection. Only the lowest sequence number counts to Lambda:
 * https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 *
 * @param records the whole batch, in stream order
 */
export function batchFailures(
  records: readonly unknown[],
  unapplied: readonly { readonly record: unknown }[],
): DynamoDBBatchResponse {
  const missed = new Set(unapplied.map(({ record }) => record));
  const first = records.findIndex((record) => missed.has(record));
  if (first < 0) return { batchItemFailures: [] };
  // A record without a number cannot be pointed at: the nearest earlier one that has a number stands for it.
  const numbers = records.slice(0, first + 1).map(sequenceNumber);
  return { batchItemFailures: [{ itemIdentifier: numbers.findLast((number) => number) ?? '' }] };
}

function sequenceNumber(record: unknown): string | undefined {
  const number = (record as { dynamodb?: { SequenceNumber?: unknown } } | null)?.dynamodb?.SequenceNumber;
  return typeof number === 'string' ? number : undefined;
}
