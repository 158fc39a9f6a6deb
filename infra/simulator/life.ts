import { createRandom, type Random } from './random.ts';
import { type Action, SCENARIOS, type Scenario, type ScenarioStep } from './scenarios.ts';

export const TIME_SPELLINGS = ['offset_micros', 'zulu_millis', 'zulu_seconds', 'naive_micros'] as const;
export type TimeSpelling = (typeof TIME_SPELLINGS)[number];

export interface SimulatedFile {
  /** The object's key in the input bucket, as it is. */
  readonly objectKey: string;
  /** The bare name as the pipeline stores it: the event's spelling. */
  readonly file_key: string;
  /** `#3`, or empty in a pipeline without shards. */
  readonly suffix: string;
  readonly bytes: number;
  readonly creationAttribute: 'created_at' | 'upload_time';
  readonly spelling: TimeSpelling;
  /** False for a few records whose object is missing. */
  readonly hasInput: boolean;
}

/** An action on some of the batch's files (their indexes), `at` seconds after the batch began. */
export interface Step {
  readonly at: number;
  readonly action: Action;
  readonly files: readonly number[];
}

/** Files that share a manifest and a life. */
export interface Batch {
  readonly scenario: Scenario;
  /** Seconds after the start of the simulation, by its arrival rate. */
  readonly startsAt: number;
  /** The `date_prefix` of all its records. */
  readonly date: string;
  /** `batch-0007-20261123-052258.json` */
  readonly manifestName: string;
  readonly executionId: string;
  readonly files: readonly SimulatedFile[];
  /** Ordered by time. */
  readonly steps: readonly Step[];
}

export interface LifeOptions {
  readonly seed: number;
  /** Files arriving per second, on average: batches come in bursts. */
  readonly rate: number;
  /** Stop after so many files; without it there is no end. */
  readonly files?: number;
}

const SPELLINGS = TIME_SPELLINGS.map((spelling, index) => ({ spelling, weight: index === 0 ? 7 : 1 }));
const dayMillis = 86_400_000;

const NAMES = [
  { weight: 86, make: datedName },
  { weight: 3, make: (date: string, random: Random) => `${date} with space ${random.hex(8)}.ndjson` },
  { weight: 3, make: (date: string, random: Random) => `${date}+plus&more-${random.hex(8)}.ndjson` },
  { weight: 3, make: (date: string, random: Random) => `${date}-caf\u00e9-${random.hex(8)}.ndjson` },
  { weight: 2, make: (date: string, random: Random) => `${date}-100%#${random.hex(8)}.ndjson` },
];
const UNDATED = { weight: 3, make: (_date: string, random: Random) => `nodate-${random.hex(8)}.ndjson` };

const FOLDERS = [
  { weight: 75, folder: (date: string) => `pipeline/input/${date}/` },
  { weight: 15, folder: () => 'pipeline/input/' },
  { weight: 10, folder: (date: string) => `pipeline/input/dt=${date}/` },
];

/**
 * The whole lives of all files, batch by batch. The same options give the same lives.
 *
 * @param startMillis the start of the simulation, in milliseconds since the epoch: it decides what is today
 */
export function* generateBatches(options: LifeOptions, startMillis: number): Generator<Batch, void> {
  const { rate, files = Number.POSITIVE_INFINITY } = options;
  const random = createRandom(options.seed);
  let count = 0;
  let burst = { startsAt: 0, batches: 1 };
  for (let number = 1; count < files; number += 1) {
    if (burst.batches === 0) burst = { startsAt: count / rate, batches: random.integer(1, 4) };
    burst.batches -= 1;
    const batch = generateBatch(number, burst.startsAt, files - count, startMillis, random);
    count += batch.files.length;
    yield batch;
  }
}

function generateBatch(
  number: number,
  startsAt: number,
  most: number,
  startMillis: number,
  random: Random,
): Batch {
  const scenario = random.pick(SCENARIOS);
  const startedAt = startMillis + startsAt * 1_000;
  // Late files are filed under the day in their name, not under the day of their arrival.
  const daysLate = random.chance(0.08) ? random.integer(1, 3) : 0;
  const date = isoDate(startedAt - daysLate * dayMillis);
  const size = Math.min(random.integer(...scenario.size), most);
  return {
    scenario,
    startsAt,
    date,
    manifestName: manifestName(number, startedAt, scenario),
    executionId: random.uuid(),
    files: Array.from({ length: size }, () => generateFile(date, daysLate === 0, scenario, random)),
    steps: timedSteps(scenario.steps, size, random),
  };
}

function generateFile(date: string, isToday: boolean, scenario: Scenario, random: Random): SimulatedFile {
  return {
    ...inputName(date, isToday, random),
    suffix: scenario.simple ? '' : `#${random.integer(0, 9)}`,
    bytes: random.integer(3_000, 9_000_000),
    creationAttribute: random.chance(0.85) ? 'created_at' : 'upload_time',
    spelling: random.pick(SPELLINGS).spelling,
    hasInput: random.chance(0.99),
  };
}

function timedSteps(steps: readonly ScenarioStep[], size: number, random: Random): Step[] {
  let at = 0;
  return steps.flatMap(({ action, delay, files: which }) => {
    const files = indexes(which, size);
    // Uploads trickle in; what the pipeline does to a batch it does in one go.
    const groups = action === 'upload' ? files.map((file) => [file]) : [files];
    return groups.map((group) => {
      at += random.between(...delay);
      return { at, action, files: group };
    });
  });
}

function indexes(which: ScenarioStep['files'], size: number): number[] {
  const all = Array.from({ length: size }, (_, index) => index);
  if (which === 'all') return all;
  const half = Math.ceil(size / 2);
  return which === 'first half' ? all.slice(0, half) : all.slice(half);
}

function manifestName(number: number, startedAt: number, scenario: Scenario): string {
  const [date = '', time = ''] = new Date(startedAt).toISOString().split(/[T.]/);
  const stamp = `${date.replaceAll('-', '')}-${time.replaceAll(':', '')}`;
  const prefix = scenario.streamTriggered ? 'stream-batch' : 'batch';
  return `${prefix}-${String(number).padStart(4, '0')}-${stamp}.json`;
}

function isoDate(millis: number): string {
  return new Date(millis).toISOString().slice(0, 10);
}

/** A name as the pipeline's producers make them. One without a date is filed under today, so only today's occur. */
function inputName(
  date: string,
  isToday: boolean,
  random: Random,
): Pick<SimulatedFile, 'objectKey' | 'file_key'> {
  const kind = random.pick(isToday ? [...NAMES, UNDATED] : NAMES);
  const name = kind.make(date, random);
  const folder = kind === UNDATED ? 'pipeline/input/' : random.pick(FOLDERS).folder(date);
  return { objectKey: folder + name, file_key: eventSpelling(name) };
}

/** A name as S3 events spell it: URL-encoded, a space as `+`. */
function eventSpelling(name: string): string {
  return encodeURIComponent(name).replaceAll('%20', '+');
}

function datedName(date: string, random: Random): string {
  const clock = [23, 59, 59].map((most) => String(random.integer(0, most)).padStart(2, '0')).join('');
  const source = String(random.integer(1, 9_999)).padStart(4, '0');
  return `${date}-test${source}-${clock}-${random.uuid()}.ndjson`;
}
