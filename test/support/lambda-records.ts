import type { LambdaStreamRecord } from '../../infra/local-lambda/event.ts';

/** Records numbered from `first`, one per second from `createdSeconds` on, as one batch of a shard. */
export function lambdaRecords(
  count: number,
  { first = 1, createdSeconds = 1_795_411_381 } = {},
): LambdaStreamRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    eventID: `event-${first + index}`,
    eventName: 'MODIFY',
    dynamodb: {
      ApproximateCreationDateTime: createdSeconds + index,
      SequenceNumber: String(first + index).padStart(21, '0'),
    },
  }));
}

/** The numbers that `lambdaRecords` assigned. */
export function numbersOf(records: readonly LambdaStreamRecord[]): number[] {
  return records.map(({ dynamodb }) => Number(dynamodb.SequenceNumber));
}
