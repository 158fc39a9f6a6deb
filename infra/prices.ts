/** US dollars in us-east-1, without free tiers, as published on this day. */
export const PRICED_ON = '2026-11-23';

/** Where each price is published. */
export const PRICE_SOURCES = [
  'https://aws.amazon.com/dynamodb/pricing/on-demand/',
  'https://aws.amazon.com/dynamodb/pricing/provisioned/',
  'https://aws.amazon.com/lambda/pricing/',
  'https://aws.amazon.com/s3/pricing/',
  'https://aws.amazon.com/cloudwatch/pricing/',
  'https://aws.amazon.com/step-functions/pricing/',
] as const;

const MILLION = 1_000_000;

export const PRICES = {
  writeUnit: 0.625 / MILLION,
  readUnit: 0.125 / MILLION,
  /** For one unit per second, provisioned for an hour. */
  provisionedWriteHour: 0.00065,
  provisionedReadHour: 0.00013,
  /** Per month, including backups for point-in-time recovery. */
  tableGigabyte: 0.25 + 0.2,
  lambdaRequest: 0.2 / MILLION,
  /** arm64, the first tier. */
  lambdaGigabyteSecond: 0.0000133334,
  s3Get: 0.4 / MILLION,
  /** Lists cost as much. */
  s3Put: 5 / MILLION,
  logGigabyte: 0.5,
  /** A month. */
  keptLogGigabyte: 0.03,
  /** Per month, the first tier; billed for the hours in which it gets a value. */
  metric: 0.3,
  /** Of standard resolution, for each metric that it watches, including those within an expression. */
  alarmMetric: 0.1,
  dashboard: 3,
  stateTransition: 25 / MILLION,
} as const;
