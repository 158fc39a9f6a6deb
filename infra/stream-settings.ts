/**
 * How the tracking table's stream is handed to the consumer; the same on AWS and on one machine.
 *
 * The larger a batch, the fewer counter writes it costs and the more transitions of one file fold into one
 * write; a record waits at most the window. Retries are bounded by age alone: a projection table that is out
 * of reach for hours must not send whole batches to the failure bucket, and a poison record never fails one.
 */
export const STREAM_SETTINGS = {
  batchSize: 200,
  maximumBatchingWindowSeconds: 1,
  maximumRetryAttempts: -1,
  maximumRecordAgeSeconds: 12 * 3_600,
  bisectBatchOnFunctionError: true,
  reportBatchItemFailures: true,
  startingPosition: 'TRIM_HORIZON',
} as const;
