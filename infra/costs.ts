import { isEntry } from '../shared/aws/process-environment.ts';
import { STREAM_SETTINGS } from './stream-settings.ts';

/** US dollars in us-east-1, without free tiers, as published on this day. */
const PRICED_ON = '2026-11-23';

/** Where each price is published. */
const PRICE_SOURCES = [
  'https://aws.amazon.com/dynamodb/pricing/on-demand/',
  'https://aws.amazon.com/lambda/pricing/',
  'https://aws.amazon.com/s3/pricing/',
  'https://aws.amazon.com/cloudwatch/pricing/',
  'https://aws.amazon.com/step-functions/pricing/',
] as const;

const MILLION = 1_000_000;

const PRICES = {
  writeUnit: 0.625 / MILLION,
  readUnit: 0.125 / MILLION,
  /** A month, backups for point-in-time recovery included. */
  tableGigabyte: 0.25 + 0.2,
  lambdaRequest: 0.2 / MILLION,
  /** arm64, the first tier. */
  lambdaGigabyteSecond: 0.0000133334,
  s3Get: 0.4 / MILLION,
  /** Lists cost as much. */
  s3Put: 5 / MILLION,
  logGigabyte: 0.5,
  /** A month, the first tier. */
  metric: 0.3,
  alarm: 0.1,
  dashboard: 3,
  stateTransition: 25 / MILLION,
} as const;

/** What a file is on average, measured on simulated and recorded lives (`npm run bench`). */
export const MEASURED = {
  transitionsPerFile: 4,
  /** Records that change no status: read and passed over. */
  otherRecordsPerFile: 1.4,
  /** Write units per transition, its event and the counters included, by the records of a batch. */
  writeUnits: [
    [1, 6.03],
    [2, 4.51],
    [5, 3.14],
    [10, 2.62],
    [50, 2.13],
    [200, 1.69],
  ],
  headKilobytes: 0.8,
  recordKilobytes: 1,
} as const;

/** What is taken for granted where nothing could be measured. */
export const ASSUMED = {
  daysPerMonth: 30,
  /** Uploads are spread evenly; bursts fill batches and cost less. */
  consumerMillisPerInvocation: 30,
  consumerMillisPerTransition: 2,
  consumerGigabytes: 0.5,
  /** As long as the tracking table keeps its records. */
  daysKept: 60,
  hoursInFlight: 1,
  filesPerManifest: 100,
  auditedDays: 8,
  logBytesPerInvocation: 2_000,
  logBytesPerTransition: 12,
  watchdogMinutes: 2,
  watchdogMillis: 300,
  watchdogGigabytes: 0.25,
  metrics: 71,
  alarms: 49,
} as const;

/** What one thing costs in a month, in dollars. */
export interface Cost {
  readonly what: string;
  readonly dollars: number;
}

/** The costs of a month at an even number of files a day; what the pipeline costs by itself is not in it. */
export function monthlyCosts(filesPerDay: number): Cost[] {
  const files = filesPerDay * ASSUMED.daysPerMonth;
  const batches = batchesPerMonth(files);
  const transitions = files * MEASURED.transitionsPerFile;
  return [
    {
      what: 'Projection: writes',
      dollars: transitions * writeUnitsAt(recordsOf(files) / batches) * PRICES.writeUnit,
    },
    { what: 'Projection: storage and backup', dollars: storedGigabytes(filesPerDay) * PRICES.tableGigabyte },
    { what: 'Stream consumer', dollars: consumerDollars(batches, transitions) },
    { what: 'Orphan sweeps, four a day', dollars: sweepDollars(filesPerDay) * ASSUMED.daysPerMonth },
    {
      what: `Audits of the last ${ASSUMED.auditedDays} days, nightly`,
      dollars: auditDollars(filesPerDay) * ASSUMED.daysPerMonth,
    },
    { what: `Watchdog, every ${ASSUMED.watchdogMinutes} minutes`, dollars: watchdogDollars() },
    { what: 'Logs', dollars: logGigabytes(batches, transitions) * PRICES.logGigabyte },
    {
      what: 'Metrics, alarms and dashboard',
      dollars: ASSUMED.metrics * PRICES.metric + ASSUMED.alarms * PRICES.alarm + PRICES.dashboard,
    },
  ];
}

function recordsOf(files: number): number {
  return files * (MEASURED.transitionsPerFile + MEASURED.otherRecordsPerFile);
}

/** A batch is full, or its window has passed since its first record. */
function batchesPerMonth(files: number): number {
  const records = recordsOf(files);
  const windows = (ASSUMED.daysPerMonth * 86_400) / STREAM_SETTINGS.maximumBatchingWindowSeconds;
  return Math.min(records, Math.max(windows, records / STREAM_SETTINGS.batchSize));
}

/** Write units per transition: between the measured sizes on a logarithmic scale, beyond them the last. */
export function writeUnitsAt(batchSize: number): number {
  // Beyond the largest size there is none above: -1, which `at` takes for the largest.
  const above = MEASURED.writeUnits.findIndex(([size]) => size >= batchSize);
  const [upper, lower] = [MEASURED.writeUnits.at(above), MEASURED.writeUnits[above - 1]];
  if (!upper || !lower) return (upper ?? MEASURED.writeUnits[0])[1];
  const share = Math.log(batchSize / lower[0]) / Math.log(upper[0] / lower[0]);
  return lower[1] + share * (upper[1] - lower[1]);
}

function storedGigabytes(filesPerDay: number): number {
  return (filesPerDay * ASSUMED.daysKept * MEASURED.headKilobytes) / 1_048_576;
}

function consumerDollars(batches: number, transitions: number): number {
  const millis =
    batches * ASSUMED.consumerMillisPerInvocation + transitions * ASSUMED.consumerMillisPerTransition;
  const gigabyteSeconds = (millis / 1_000) * ASSUMED.consumerGigabytes;
  return batches * PRICES.lambdaRequest + gigabyteSeconds * PRICES.lambdaGigabyteSecond;
}

/**
 * What is in flight is listed each time; what was completed is looked at once, with its manifest and the report of its
 * job, and what that proves is read and kept for each manifest.
 */
function sweepDollars(filesPerDay: number): number {
  const listed = 4 * filesPerDay * (ASSUMED.hoursInFlight / 24) + filesPerDay;
  const manifests = filesPerDay / ASSUMED.filesPerManifest;
  return (
    listed * unitsToRead(MEASURED.recordKilobytes) * PRICES.readUnit +
    manifests * (2 * PRICES.s3Get + PRICES.s3Put + PRICES.readUnit + PRICES.writeUnit)
  );
}

function auditDollars(filesPerDay: number): number {
  const files = filesPerDay * ASSUMED.auditedDays;
  const units = files * unitsToRead(MEASURED.recordKilobytes + MEASURED.headKilobytes);
  const transitions = 5 * ASSUMED.auditedDays;
  return units * PRICES.readUnit + (files / 1_000) * PRICES.s3Put + transitions * PRICES.stateTransition;
}

/** Each look reads a few small items of the projection, at most one unit. */
function watchdogDollars(): number {
  const looks = (ASSUMED.daysPerMonth * 1_440) / ASSUMED.watchdogMinutes;
  const gigabyteSeconds = (ASSUMED.watchdogMillis / 1_000) * ASSUMED.watchdogGigabytes;
  return looks * (PRICES.lambdaRequest + PRICES.readUnit + gigabyteSeconds * PRICES.lambdaGigabyteSecond);
}

/** Read page by page, eventually consistent: half a unit for 4 KB. */
function unitsToRead(kilobytes: number): number {
  return kilobytes / 4 / 2;
}

function logGigabytes(batches: number, transitions: number): number {
  return (batches * ASSUMED.logBytesPerInvocation + transitions * ASSUMED.logBytesPerTransition) / 1e9;
}

const VOLUMES = [10_000, 338_000, 10_000_000];

function table(volumes: readonly number[]): string {
  const costs = volumes.map(monthlyCosts);
  const totals = costs.map((cost) => cost.reduce((sum, { dollars }) => sum + dollars, 0));
  const rows = (costs[0] ?? []).map(({ what }, i) => [
    what,
    ...costs.map((cost) => money(cost[i]?.dollars ?? 0)),
  ]);
  const perMillion = totals.map((total, i) =>
    money((total / ((volumes[i] ?? 1) * ASSUMED.daysPerMonth)) * 1e6),
  );
  return [
    line(['US dollars a month', ...volumes.map((files) => `${files.toLocaleString('en-US')} files a day`)]),
    line(['---', ...volumes.map(() => '--:')]),
    ...rows.map(line),
    line(['**Total**', ...totals.map((total) => `**${money(total)}**`)]),
    line(['for a million files', ...perMillion]),
  ].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function money(dollars: number): string {
  const digits = dollars < 10 ? 2 : 0;
  return dollars.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function assumptions(): string {
  const units = MEASURED.writeUnits.map(([size, cost]) => `${cost} at ${size}`).join(', ');
  return [
    `Prices of us-east-1 on ${PRICED_ON}, on demand, without free tiers (${PRICE_SOURCES.join(', ')}).`,
    `Measured (\`npm run bench\`): ${MEASURED.transitionsPerFile} transitions and ${MEASURED.otherRecordsPerFile} other records per file; write units per transition by records in a batch: ${units}.`,
    `Assumed: files spread evenly over the day, batches of at most ${STREAM_SETTINGS.batchSize} records or ${STREAM_SETTINGS.maximumBatchingWindowSeconds} second, records kept for ${ASSUMED.daysKept} days, ${ASSUMED.hoursInFlight} hour in flight, ${ASSUMED.filesPerManifest} files in a manifest.`,
  ].join('\n');
}

// `npm run costs` prints the table as the README has it; tests import this file.
if (isEntry(import.meta.url)) process.stdout.write(`${table(VOLUMES)}\n\n${assumptions()}\n`);
