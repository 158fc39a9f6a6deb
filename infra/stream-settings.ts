import type { StreamBatches } from '../shared/settings/environment-settings.ts';

/**
 * How the tracking table's stream reaches the consumer. It is the same on AWS and on one machine, so this file does not
 * use the CDK. The batches are those of tests and benchmarks; an environment's settings have their own.
 *
 * Reading begins with the oldest record, which may be 24 hours old if the stream was on before. There is no age limit:
 * any limit below what the stream keeps would make Lambda drop its oldest part unread on the first day. LATEST would
 * miss what is written while a mapping is created or changed. Retries are not limited either: a projection table that is
 * unreachable for hours must not send entire batches to the failure bucket, and a poison record never fails a batch. The
 * alarm `records-at-risk` goes off half a day before the stream loses records.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
 */
export const STREAM_SETTINGS = {
  batchSize: 200,
  maximumBatchingWindowSeconds: 1,
  maximumRetryAttempts: -1,
  maximumRecordAgeSeconds: -1,
  bisectBatchOnFunctionError: true,
  reportBatchItemFailures: true,
  startingPosition: 'TRIM_HORIZON',
} as const;

/**
 * The same with the batches of an environment's settings. The larger a batch, the fewer counter writes it costs, and the
 * more transitions of one file fold into one write. A record waits at most for the window. A batch ends with its window,
 * with its size, or at 6 MB:
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html#invocation-eventsourcemapping-batching
 */
export function streamSettings({ batchSize, windowSeconds }: StreamBatches) {
  return { ...STREAM_SETTINGS, batchSize, maximumBatchingWindowSeconds: windowSeconds };
}

const DIGITS = [...'0123456789'];

/**
 * Drops the builders' locks (`LOCK#<date>`, `LOCK`), which the projection does not need, before they cost an invocation.
 * A record passes if one of the two filters matches, so only records that are named LOCK and have no date are dropped.
 *
 * The filters use only keys, which inserts, changes and removals all have, so no removal of a file or manifest can be
 * lost. EventBridge has "begins with anything but", Lambda's filters do not; they have:
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax
 */
export function streamFilters(): { readonly pattern: string }[] {
  return [
    keysFilter('file_key', [{ 'anything-but': ['LOCK'] }]),
    keysFilter(
      'date_prefix',
      DIGITS.map((prefix) => ({ prefix })),
    ),
  ];
}

function keysFilter(key: string, rules: readonly object[]) {
  return { pattern: JSON.stringify({ dynamodb: { Keys: { [key]: { S: rules } } } }) };
}
