import { METRICS, type MetricForm } from '../shared/metrics/names.ts';
import { LARGE_DATE } from '../shared/orphans/verified-dates.ts';
import type { Inventory, OwnMetric } from './inventory.ts';
import { type MeasuredUnits, unitsOfBatches } from './measured-units.ts';
import { PRICES } from './prices.ts';
import { TARGET_PERCENT } from './storage.ts';

/** What is assumed where nothing could be measured. */
export const ASSUMED = {
  daysPerMonth: 30,
  consumerMillisPerBatch: 30,
  consumerMillisPerTransition: 2,
  /** For as long as the tracking table keeps its records. */
  daysKept: 60,
  hoursInFlight: 1,
  filesPerManifest: 100,
  auditedDays: 8,
  /** Files that one invocation compares, on average, in its audit and in the verification of rows. */
  auditedPerSecond: 5_000,
  /** Completed files that one unit of a sweep looks at: `npm run bench -- --only sweep` measured about as many. */
  sweptPerSecond: 2_000,
  outputsPerManifest: 2,
  /** The footer of an output object, and the pages of one column. */
  requestsPerOutput: 3,
  /** Each sweep that sees something completed lists the entire date; for a large date it waits for late files. */
  looksAtCompletedFile: 3.5,
  looksAtCompletedFileOfLargeDate: 3,
  stateTransitionsPerSweep: 15,
  readUnitsPerWatch: 1,
  /** The samples of the flow. */
  writeUnitsPerWatch: 1,
  watchMillis: 300,
  /** The service's own lines, and one with metrics. */
  logBytesPerInvocation: 1_500,
  logBytesPerTransition: 12,
  /** Per day, for metrics that are published only if there is something to count. */
  hoursOfRareMetrics: 2,
} as const;

/** Billed for each item in addition to its own size: https://aws.amazon.com/dynamodb/pricing/on-demand/ (data storage) */
const BILLED_BYTES = 100;

/** What one thing costs in a month, in dollars. */
export interface Cost {
  readonly what: string;
  readonly dollars: number;
}

/** What the costs are calculated from. */
export interface CostInputs {
  readonly inventory: Inventory;
  readonly units: MeasuredUnits;
}

/** The costs of a month at an even flow of files, without the costs of the pipeline itself. */
export function monthlyCosts(filesPerDay: number, inputs: CostInputs): Cost[] {
  const { inventory, units } = inputs;
  const flow = flowOf(filesPerDay, inputs);
  const { auditedDays, daysPerMonth } = ASSUMED;
  return [
    { what: 'Projection: writes', dollars: writeDollars(flow.writeUnits, inventory.capacity) },
    ...leastReads(inventory.capacity),
    {
      what: 'Projection: storage and backup',
      dollars:
        ((filesPerDay * ASSUMED.daysKept * (units.projectionBytesPerFile + BILLED_BYTES)) / 2 ** 30) *
        PRICES.tableGigabyte,
    },
    { what: 'Stream consumer', dollars: consumerDollars(flow, inventory) },
    { what: 'Orphan sweeps', dollars: sweepDollars(filesPerDay, inputs) * daysPerMonth },
    {
      what: `Audits of the last ${auditedDays} days, nightly`,
      dollars: auditDollars(filesPerDay, inputs) * daysPerMonth,
    },
    { what: 'Verification of their rows', dollars: verifyDollars(filesPerDay, inputs) * daysPerMonth },
    { what: 'Watchdog', dollars: watchDollars(inventory) },
    { what: 'Logs', dollars: logDollars(flow, inventory) },
    { what: 'Metrics', dollars: metricDollars(inventory) },
    { what: 'Alarms and dashboard', dollars: alarmDollars(inventory) },
  ];
}

/** What passes through the stream in a month. */
export interface Flow {
  readonly batches: number;
  readonly transitions: number;
  readonly writeUnits: number;
}

export function flowOf(filesPerDay: number, { inventory, units }: CostInputs): Flow {
  const files = filesPerDay * ASSUMED.daysPerMonth;
  const { recordsPerBatch, writeUnitsPerTransition } = unitsOfBatches(filesPerDay, inventory, units);
  const transitions = files * units.transitionsPerFile;
  return {
    batches: (files * units.recordsPerFile) / recordsPerBatch,
    transitions,
    writeUnits: transitions * writeUnitsPerTransition,
  };
}

/** For an even flow of units: auto-scaling keeps enough capacity for its target utilization, and at least the minimum. */
export function writeDollars(units: number, capacity: Inventory['capacity']): number {
  if (capacity.mode === 'on_demand') return units * PRICES.writeUnit;
  const perSecond = units / (ASSUMED.daysPerMonth * 86_400);
  const held = Math.max(capacity.write.least, Math.ceil(perSecond / (TARGET_PERCENT / 100)));
  return held * ASSUMED.daysPerMonth * 24 * PRICES.provisionedWriteHour;
}

/** Reads cost what on-demand reads would, as part of whatever makes them; the minimum capacity is paid for besides. */
function leastReads(capacity: Inventory['capacity']): Cost[] {
  if (capacity.mode === 'on_demand') return [];
  const hours = ASSUMED.daysPerMonth * 24;
  const dollars = capacity.read.least * hours * PRICES.provisionedReadHour;
  return [{ what: 'Projection: minimum read capacity', dollars }];
}

function consumerDollars({ batches, transitions }: Flow, inventory: Inventory): number {
  const millis = batches * ASSUMED.consumerMillisPerBatch + transitions * ASSUMED.consumerMillisPerTransition;
  return batches * PRICES.lambdaRequest + runDollars(millis / 1_000, 'stream-consumer', inventory);
}

/**
 * Files in flight are counted as if each sweep listed them, although only the first of a day does. Completed files are
 * checked with their manifest and its job report, and the proof is read and kept for each manifest.
 */
function sweepDollars(filesPerDay: number, { inventory, units }: CostInputs): number {
  const sweeps = inventory.startsPerDay['orphan-sweep'] ?? 0;
  const looks =
    filesPerDay < LARGE_DATE ? ASSUMED.looksAtCompletedFile : ASSUMED.looksAtCompletedFileOfLargeDate;
  const listed = sweeps * filesPerDay * (ASSUMED.hoursInFlight / 24) + looks * filesPerDay;
  if (sweeps === 0) return 0;
  const manifests = filesPerDay / ASSUMED.filesPerManifest;
  return (
    listed * unitsToRead(units.trackingRecordBytes) * PRICES.readUnit +
    runDollars(listed / ASSUMED.sweptPerSecond, 'orphan-sweep', inventory) +
    manifests * (2 * PRICES.s3Get + PRICES.s3Put + PRICES.readUnit + PRICES.writeUnit) +
    sweeps * ASSUMED.stateTransitionsPerSweep * PRICES.stateTransition
  );
}

/** Records and heads are compared with the objects; then the heads are counted, which takes consistent reads. */
function auditDollars(filesPerDay: number, { inventory, units }: CostInputs): number {
  const files = filesPerDay * auditedDays(inventory);
  const compared = unitsToRead(units.trackingRecordBytes + units.projectionBytesPerFile);
  const counted = 2 * unitsToRead(units.projectionBytesPerFile);
  const transitions = 5 * auditedDays(inventory);
  return (
    files * (compared + counted) * PRICES.readUnit +
    runDollars(files / ASSUMED.auditedPerSecond, 'consistency-audit', inventory) +
    (files / 1_000) * PRICES.s3Put +
    transitions * PRICES.stateTransition
  );
}

/** The records of a date are read each night, and each output object once in its life. */
function verifyDollars(filesPerDay: number, { inventory, units }: CostInputs): number {
  const files = filesPerDay * auditedDays(inventory);
  const outputs = files === 0 ? 0 : (filesPerDay / ASSUMED.filesPerManifest) * ASSUMED.outputsPerManifest;
  return (
    files * unitsToRead(units.trackingRecordBytes) * PRICES.readUnit +
    runDollars(files / ASSUMED.auditedPerSecond, 'consistency-audit', inventory) +
    outputs * (ASSUMED.requestsPerOutput * PRICES.s3Get + PRICES.writeUnit)
  );
}

function auditedDays({ startsPerDay }: Inventory): number {
  return startsPerDay.audit ? ASSUMED.auditedDays : 0;
}

function runDollars(seconds: number, name: string, { functionGigabytes }: Inventory): number {
  return seconds * (functionGigabytes[name] ?? 0) * PRICES.lambdaGigabyteSecond;
}

function watchDollars(inventory: Inventory): number {
  const looks = (inventory.startsPerDay.watchdog ?? 0) * ASSUMED.daysPerMonth;
  const { readUnitsPerWatch, writeUnitsPerWatch, watchMillis } = ASSUMED;
  const units = readUnitsPerWatch * PRICES.readUnit + writeUnitsPerWatch * PRICES.writeUnit;
  return (
    looks * (PRICES.lambdaRequest + units) + runDollars((looks * watchMillis) / 1_000, 'watchdog', inventory)
  );
}

/** Read page by page, eventually consistent: half a unit for 4 KB. */
function unitsToRead(bytes: number): number {
  return bytes / 4_096 / 2;
}

function logDollars({ batches, transitions }: Flow, { startsPerDay, logDays }: Inventory): number {
  const starts = Object.values(startsPerDay).reduce((sum, count) => sum + count, 0) * ASSUMED.daysPerMonth;
  const bytes =
    (batches + starts) * ASSUMED.logBytesPerInvocation + transitions * ASSUMED.logBytesPerTransition;
  const kept = (logDays / ASSUMED.daysPerMonth) * PRICES.keptLogGigabyte;
  return (bytes / 1e9) * (PRICES.logGigabyte + kept);
}

function metricDollars({ metrics, startsPerDay, mappingMetrics }: Inventory): number {
  const hours = metrics.reduce((sum, metric) => sum + hoursPerDay(metric, startsPerDay), 0);
  return (hours / 24 + mappingMetrics) * PRICES.metric;
}

/** In how many hours of a day a metric gets a value and is billed; a function without a schedule works all day. */
export function hoursPerDay({ service, name }: OwnMetric, startsPerDay: Inventory['startsPerDay']): number {
  const forms: Readonly<Record<string, Readonly<Record<string, MetricForm>>>> = METRICS;
  const { ifAny, everyHours = 1 } = forms[service]?.[name] ?? { unit: 'Count' };
  const starts = startsPerDay[SCHEDULE_OF[service] ?? service] ?? 24;
  const hours = Math.min(24 / everyHours, starts);
  return ifAny ? Math.min(ASSUMED.hoursOfRareMetrics, hours) : hours;
}

/** For publishing functions whose schedule has another name. */
const SCHEDULE_OF: Readonly<Record<string, string>> = {
  'consistency-audit': 'audit',
  'stats-publisher': 'stats',
};

function alarmDollars({ alarmMetrics, dashboards }: Inventory): number {
  return alarmMetrics * PRICES.alarmMetric + dashboards * PRICES.dashboard;
}
