import { type FileName, inputName } from './names.ts';
import { createRandom, type Random } from './random.ts';
import { type Action, type Beat, SCENARIOS, type Scenario } from './scenarios.ts';

export const TIME_SPELLINGS = ['offset_micros', 'zulu_millis', 'zulu_seconds', 'naive_micros'] as const;
export type TimeSpelling = (typeof TIME_SPELLINGS)[number];

export interface PlannedFile extends FileName {
  /** `#3`, or empty in a pipeline without shards. */
  readonly suffix: string;
  readonly bytes: number;
  readonly creationAttribute: 'created_at' | 'upload_time';
  readonly spelling: TimeSpelling;
  /** A few records name an object that nobody can find. */
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
  readonly files: readonly PlannedFile[];
  /** In the order of their times. */
  readonly steps: readonly Step[];
}

export interface PlanOptions {
  readonly seed: number;
  /** Files arriving per second, on average: batches come in bursts. */
  readonly rate: number;
  /** Stop after so many files; without it the plan has no end. */
  readonly files?: number;
  /** The start of the simulation, in milliseconds since the epoch: it decides what is today. */
  readonly startMillis: number;
}

const SPELLINGS = TIME_SPELLINGS.map((spelling, index) => ({ spelling, weight: index === 0 ? 7 : 1 }));
const dayMillis = 86_400_000;

/** The whole lives of all files, batch by batch. The same options give the same plan. */
export function* planBatches(options: PlanOptions): Generator<Batch, void> {
  const { rate, files = Number.POSITIVE_INFINITY, startMillis } = options;
  const random = createRandom(options.seed);
  let planned = 0;
  let burst = { startsAt: 0, batches: 1 };
  for (let number = 1; planned < files; number += 1) {
    if (burst.batches === 0) burst = { startsAt: planned / rate, batches: random.integer(1, 4) };
    burst.batches -= 1;
    const batch = planBatch(number, burst.startsAt, files - planned, startMillis, random);
    planned += batch.files.length;
    yield batch;
  }
}

function planBatch(
  number: number,
  startsAt: number,
  most: number,
  startMillis: number,
  random: Random,
): Batch {
  const scenario = random.pick(SCENARIOS);
  const startedAt = startMillis + startsAt * 1_000;
  // Late files are filed under the day in their name, not under the day they come.
  const daysLate = random.chance(0.08) ? random.integer(1, 3) : 0;
  const date = isoDate(startedAt - daysLate * dayMillis);
  const size = Math.min(random.integer(...scenario.size), most);
  return {
    scenario,
    startsAt,
    date,
    manifestName: manifestName(number, startedAt, scenario),
    executionId: random.uuid(),
    files: Array.from({ length: size }, () => planFile(date, daysLate === 0, scenario, random)),
    steps: planSteps(scenario.beats, size, random),
  };
}

function planFile(date: string, isToday: boolean, scenario: Scenario, random: Random): PlannedFile {
  return {
    ...inputName(date, isToday, random),
    suffix: scenario.simple ? '' : `#${random.integer(0, 9)}`,
    bytes: random.integer(3_000, 9_000_000),
    creationAttribute: random.chance(0.85) ? 'created_at' : 'upload_time',
    spelling: random.pick(SPELLINGS).spelling,
    hasInput: random.chance(0.99),
  };
}

function planSteps(beats: readonly Beat[], size: number, random: Random): Step[] {
  let at = 0;
  return beats.flatMap((beat) => {
    const files = indexes(beat.files, size);
    // Uploads trickle in; what the pipeline does to a batch it does in one go.
    const groups = beat.action === 'upload' ? files.map((file) => [file]) : [files];
    return groups.map((group) => {
      at += random.between(...beat.delay);
      return { at, action: beat.action, files: group };
    });
  });
}

function indexes(which: Beat['files'], size: number): number[] {
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
