import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';
import { IN_FLIGHT_STATUSES, SETTLED_STATUSES } from '../pipeline/status.ts';
import { counterPartition } from './counter-kind.ts';
import type { CounterItem, Counters } from './counters.ts';

/** How many files were in flight at one moment, and how many had arrived and settled until then. */
export interface FlowSample {
  /** Milliseconds since the epoch; kept to the second. */
  readonly at: number;
  readonly inFlight: number;
  /** How often files became pending so far. */
  readonly arrived: number;
  /** How often files settled so far. */
  readonly settled: number;
}

/** Stored beside the counters of everything, so that the query of the counts includes them. */
const SAMPLES_KEY = 'samples';

const MINUTE = 60_000;
// A write of up to 1 KB is one unit: 15 samples of the last half hour, and 15 from before.
const FINE = { millis: 30 * MINUTE, apart: 1.5 * MINUTE };
const COARSE = { millis: 180 * MINUTE, apart: 9.5 * MINUTE };

/** The flow in the counters. */
export function sampleOf({ file, arrivals }: Pick<Counters, 'file' | 'arrivals'>, at: number): FlowSample {
  return {
    at: Math.floor(at / 1_000) * 1_000,
    inFlight: IN_FLIGHT_STATUSES.reduce((sum, status) => sum + file[status], 0),
    arrived: arrivals.file.pending,
    settled: SETTLED_STATUSES.reduce((sum, status) => sum + arrivals.file[status], 0),
  };
}

/**
 * Adds a sample to those that are kept, oldest first: for the last half hour one every two minutes, and for three hours one
 * every ten. If a clock was set back, all later ones are dropped.
 */
export function withSample(kept: readonly FlowSample[], sample: FlowSample): FlowSample[] {
  const known = kept.filter(({ at }) => at < sample.at && sample.at - at <= COARSE.millis);
  const fine = known.filter(({ at }) => sample.at - at <= FINE.millis);
  const coarse = thinned(known.slice(0, known.length - fine.length), COARSE.apart);
  const last = fine.at(-1);
  return last && sample.at - last.at < FINE.apart ? [...coarse, ...fine] : [...coarse, ...fine, sample];
}

/** Keeps only the first of samples that are close together. */
function thinned(samples: readonly FlowSample[], apart: number): FlowSample[] {
  const kept: FlowSample[] = [];
  for (const sample of samples) {
    const last = kept.at(-1);
    if (!last || sample.at - last.at >= apart) kept.push(sample);
  }
  return kept;
}

/** The samples among the items of everything's counters, oldest first. */
export function samplesIn(items: readonly CounterItem[]): FlowSample[] {
  const text = items.find(({ sk }) => sk === SAMPLES_KEY)?.samples;
  return typeof text === 'string' ? text.split(';').flatMap(parse) : [];
}

/**
 * Stores a sample of the current counters, together with the samples that were read with them. If two callers do this at
 * the same time, one sample is lost, which does no harm.
 *
 * @param now milliseconds since the epoch
 */
export async function noteSample(
  { docs, name }: Table,
  counters: Pick<Counters, 'file' | 'arrivals'> & { readonly samples: readonly FlowSample[] },
  now: number,
): Promise<void> {
  const samples = withSample(counters.samples, sampleOf(counters, now));
  await docs.send(
    new PutCommand({
      TableName: name,
      Item: { pk: counterPartition(undefined), sk: SAMPLES_KEY, samples: samples.map(written).join(';') },
    }),
  );
}

/** Short, because every write pays for the item: seconds and counts in base 36. */
function written({ at, inFlight, arrived, settled }: FlowSample): string {
  return [at / 1_000, inFlight, arrived, settled].map((value) => value.toString(36)).join(' ');
}

function parse(text: string): FlowSample[] {
  const [at = Number.NaN, inFlight = Number.NaN, arrived = Number.NaN, settled = Number.NaN] = text
    .split(' ')
    .map((part) => Number.parseInt(part, 36));
  const sample = { at: at * 1_000, inFlight, arrived, settled };
  return Object.values(sample).every(Number.isFinite) ? [sample] : [];
}
