import type { StreamBatches } from '../shared/settings/environment-settings.ts';

/**
 * How the tracking table's stream is handed to the consumer; the same on AWS and on one machine, so this file
 * knows nothing of the CDK. The batches are those of tests and benchmarks: an environment's settings say its own.
 *
 * Reading begins with the oldest record, which is up to 24 hours old where the stream was on before, and no age
 * is too great: any limit below what the stream keeps would have Lambda throw away the oldest part of it unread
 * on the first day. LATEST would miss what is written while a mapping is created or changed. Retries have no
 * bound either: a projection table that is out of reach for hours must not send whole batches to the failure
 * bucket, and a poison record never fails one. What the stream forgets is told by the alarm `records-at-risk`
 * half a day before.
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
 * The same with the batches that an environment's settings ask for. The larger a batch, the fewer counter writes it
 * costs and the more transitions of one file fold into one write; a record waits at most the window. A batch ends with
 * its window, with its size, or at 6 MB:
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html#invocation-eventsourcemapping-batching
 */
export function streamSettings({ batchSize, windowSeconds }: StreamBatches) {
  return { ...STREAM_SETTINGS, batchSize, maximumBatchingWindowSeconds: windowSeconds };
}

const DIGITS = [...'0123456789'];

/**
 * Drops the builders' locks (`LOCK#<date>`, `LOCK`), which are no business of the projection, before they cost
 * an invocation. A record passes when one of the two holds, so what is dropped is named LOCK and has no date.
 *
 * Only keys are looked at, which insertions, changes and removals have alike: no removal of a file or manifest
 * can be lost. "Begins with anything but" is known to EventBridge, not to Lambda's filters; these are:
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
