import { PRICES } from './prices.ts';
import { STREAM_SETTINGS } from './stream-settings.ts';

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
  metrics: 70,
  alarms: 38,
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

/** What is in flight is listed each time and each manifest read; what was completed is looked at once. */
function sweepDollars(filesPerDay: number): number {
  const listed = 4 * filesPerDay * (ASSUMED.hoursInFlight / 24) + filesPerDay;
  const manifests = filesPerDay / ASSUMED.filesPerManifest;
  return (
    listed * unitsToRead(MEASURED.recordKilobytes) * PRICES.readUnit +
    manifests * (PRICES.s3Get + PRICES.s3Put)
  );
}

function auditDollars(filesPerDay: number): number {
  const files = filesPerDay * ASSUMED.auditedDays;
  const units = files * unitsToRead(MEASURED.recordKilobytes + MEASURED.headKilobytes);
  const transitions = 5 * ASSUMED.auditedDays;
  return units * PRICES.readUnit + (files / 1_000) * PRICES.s3Put + transitions * PRICES.stateTransition;
}

/** Read page by page, eventually consistent: half a unit for 4 KB. */
function unitsToRead(kilobytes: number): number {
  return kilobytes / 4 / 2;
}

function logGigabytes(batches: number, transitions: number): number {
  return (batches * ASSUMED.logBytesPerInvocation + transitions * ASSUMED.logBytesPerTransition) / 1e9;
}
