import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { FaultWeights } from '../../infra/simulator/faults.ts';
import { isoDate, plainKey } from '../../infra/simulator/names.ts';
import { createPipeline, type Pipeline } from '../../infra/simulator/pipeline.ts';
import { createRandom, type Random } from '../../infra/simulator/random.ts';
import type { AgeBucket } from '../../shared/projection/ages.ts';
import { type FlowSample, withSample } from '../../shared/projection/flow-samples.ts';
import { type DrainForecast, forecastDrain } from '../../shared/statistics/drain-forecast.ts';
import { createFlowMeter } from './flow-meter.ts';
import { memoryStores } from './memory-stores.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.parse('2026-11-23T00:00:00Z');
const LOOK = 2 * MINUTE;

/** A kind of pipeline: its capacity, and how many files arrive. */
export interface PlayKind {
  readonly maxFiles: number;
  /** How many jobs run at once. */
  readonly jobs: number;
  /** Files per minute, without bursts: the average, and how many more at noon. */
  readonly perMinute: readonly [mean: number, swing: number];
  /** The number of files of a burst. */
  readonly burst: readonly [least: number, most: number];
}

/** `mixed` has capacity for about twelve times its arrivals, `busy` for hardly more than arrives by day. */
export const KINDS = {
  mixed: { maxFiles: 50, jobs: 4, perMinute: [4, 3], burst: [500, 4_000] },
  busy: { maxFiles: 50, jobs: 4, perMinute: [20, 12], burst: [500, 2_000] },
  deliveries: { maxFiles: 200, jobs: 2, perMinute: [1, 0.5], burst: [3_000, 12_000] },
  small: { maxFiles: 10, jobs: 3, perMinute: [1, 0.7], burst: [300, 1_500] },
} as const satisfies Readonly<Record<string, PlayKind>>;

/** The true counts at one moment, and whether the consumer was down. */
export interface Moment {
  readonly sample: FlowSample;
  readonly ages: readonly AgeBucket[];
  readonly isConsumerDown: boolean;
}

/** Plays days of the simulated pipeline in virtual time, with bursts and outages. @returns a moment for every two minutes */
export async function playDays(seed: number, days: number, kind: PlayKind = KINDS.mixed): Promise<Moment[]> {
  const { maxFiles } = kind;
  const random = createRandom(seed);
  const meter = createFlowMeter(() => pipeline.now());
  const pipeline: Pipeline = createPipeline(
    { ...NOWHERE, startMillis: START, seed, speed: 1 / 40, maxFiles, weights: WEIGHTS },
    memoryStores(meter.onStatus),
  );
  const events = eventsOf(random, days, kind);
  const moments: Moment[] = [];
  for (let now = START + LOOK; now <= START + days * 24 * HOUR; now += LOOK) {
    const { jobs, filesPerMinute, isConsumerDown } = conditionsAt(events, now, kind);
    pipeline.limitJobs(jobs);
    upload(pipeline, filesPerMinute * (LOOK / MINUTE), now, random);
    await pipeline.advance(now);
    moments.push({ sample: meter.sampleAt(now), ages: meter.ages(), isConsumerDown });
  }
  return moments;
}

/** The forecast at one moment, with the true counts. */
export interface Said {
  readonly sample: FlowSample;
  readonly forecast: DrainForecast;
}

/** Makes a forecast at each moment. While the consumer is down, it is based on the counts from before. */
export function forecastsOf(moments: readonly Moment[], { maxFiles }: PlayKind = KINDS.mixed): Said[] {
  let kept: FlowSample[] = [];
  let seen = moments[0];
  return moments.map((moment) => {
    if (!moment.isConsumerDown) seen = moment;
    const { sample: truth, ages } = seen ?? moment;
    kept = withSample(kept, { ...truth, at: moment.sample.at });
    const question = { samples: kept, ages, lagMillis: 12_000, maxFiles };
    return { sample: moment.sample, forecast: forecastDrain(question) };
  });
}

/** Something that changes arrivals or capacity for a while. */
interface Event {
  readonly from: number;
  readonly to: number;
  readonly kind: 'burst' | 'outage' | 'slow' | 'consumer';
  readonly filesPerMinute: number;
}

function eventsOf(random: Random, days: number, { burst }: PlayKind): Event[] {
  const event = (kind: Event['kind'], day: number, minutes: readonly [number, number], files = 0): Event => {
    const from = START + (day * 24 + random.between(0, 24)) * HOUR;
    const length = random.between(...minutes);
    return { kind, from, to: from + length * MINUTE, filesPerMinute: files / length };
  };
  return Array.from({ length: days }, (_, day) => [
    event('burst', day, [5, 60], random.integer(...burst)),
    ...(random.chance(0.5) ? [event('burst', day, [60, 240], random.integer(...burst))] : []),
    ...(random.chance(0.25) ? [event('outage', day, [20, 180])] : []),
    ...(random.chance(0.2) ? [event('slow', day, [60, 300])] : []),
    ...(random.chance(0.2) ? [event('consumer', day, [10, 60])] : []),
  ]).flat();
}

/** Arrivals and capacity at a moment; more files arrive by day than by night. */
function conditionsAt(events: readonly Event[], now: number, { jobs, perMinute: [mean, swing] }: PlayKind) {
  const there = events.filter(({ from, to }) => from <= now && now < to);
  const isAny = (kind: Event['kind']) => there.some((event) => event.kind === kind);
  const byDay = mean + swing * Math.sin(((now - START) / (24 * HOUR)) * 2 * Math.PI - Math.PI / 2);
  return {
    filesPerMinute: byDay + there.reduce((sum, { filesPerMinute }) => sum + filesPerMinute, 0),
    jobs: isAny('outage') ? 0 : isAny('slow') ? Math.ceil(jobs / 2) : jobs,
    isConsumerDown: isAny('consumer'),
  };
}

/** Uploads a random number of files around the expected one, as if files arrived independently. */
function upload(pipeline: Pipeline, expected: number, now: number, random: Random): void {
  const noise = (random.between(-1, 1) + random.between(-1, 1) + random.between(-1, 1)) * Math.sqrt(expected);
  for (let left = Math.max(0, Math.round(expected + noise)); left > 0; left -= 1)
    pipeline.upload(plainKey('pipeline/input/', isoDate(now - LOOK), true, random));
}

/** Random faults, without those that take days in this slow pipeline. */
const WEIGHTS: FaultWeights = {
  refused: 0.01,
  quarantined: 0.01,
  claim_released: 0.08,
  builder_died: 0.001,
  never_started: 0.001,
  manifest_lost: 0.001,
  job_failed: 0.01,
  job_throttled: 0.02,
  updater_missed: 0.001,
  completed_again: 0.3,
};

const NOWHERE = {
  documents: DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' })),
  table: 'nowhere',
  s3: new S3Client({ region: 'us-east-1' }),
  buckets: { input: 'input', manifest: 'manifest', output: 'output', quarantine: 'quarantine' },
};
