import type { Fault } from '../../infra/simulator/faults.ts';
import type { PipelineSettings } from '../../infra/simulator/options.ts';
import { createPipeline } from '../../infra/simulator/pipeline.ts';
import type { LocalAws } from './local-aws.ts';

/** The life of a batch of files: what happens to it, and what is unusual about the pipeline. */
interface Life {
  readonly faults: readonly Fault[];
  readonly settings?: Partial<PipelineSettings>;
  /** How often the builder is woken once all files have arrived; 1 by default. */
  readonly wakes?: number;
  readonly badName?: boolean;
}

/** Every kind of life seen in the field, by name. */
export const LIVES = {
  converted: { faults: [] },
  completed_again: { faults: ['completed_again'] },
  released: { faults: ['claim_released'], wakes: 2 },
  failed: { faults: [], badName: true },
  throttled: { faults: ['job_throttled'] },
  quarantined: { faults: ['quarantined'] },
  rejected: { faults: ['refused'] },
  manifest_overwritten: { faults: ['manifest_overwritten'] },
  updater_missed: { faults: ['updater_missed'] },
  builder_died: { faults: ['builder_died'] },
  never_started: { faults: ['never_started'] },
  job_stuck: { faults: ['job_hung'] },
  job_refused: { faults: ['job_throttled', 'updater_missed'] },
  never_flushed: { faults: [], wakes: 0 },
  simple_stuck: { faults: ['job_hung'], settings: { version: 'B', shards: 0 } },
  output_lost: { faults: ['output_lost'] },
  manifest_lost: { faults: ['manifest_lost'] },
} as const satisfies Readonly<Record<string, Life>>;

export type LifeName = keyof typeof LIVES;

/** The batch at the end of its life. */
export interface LivedBatch {
  /** All its files, by `file_key`. */
  readonly files: readonly string[];
  /** The files that the faults of its life happened to. */
  readonly struck: readonly string[];
  /** The name of its (first) manifest; empty if there is none. */
  readonly manifestName: string;
}

const FILES = 5;

/**
 * Plays the life of one batch with the simulated pipeline, in a table and buckets, in an instant: records get the times
 * of that life, objects the real time, which is close to them.
 *
 * @param day the batch's date_prefix; with a date of its own, it shares its output folder with no other batch
 */
export async function liveScenario(aws: LocalAws, name: LifeName, day: string): Promise<LivedBatch> {
  const { faults, settings, wakes = 1, badName = false }: Life = LIVES[name];
  const { documents, trackingTable: table, s3, buckets } = aws;
  const pipeline = createPipeline({
    ...{ documents, table, s3, buckets, startMillis: Date.now(), weights: {}, wakesOn: 'nothing' },
    ...settings,
  });
  for (const fault of faults) pipeline.plant(fault);
  for (let number = 1; number <= FILES; number += 1) {
    const mark = badName && number === FILES ? '(1)' : '';
    pipeline.upload(`pipeline/input/${day}/${day}-${name}-${number}${mark}.ndjson`);
  }
  await pipeline.finish();
  for (let wake = 0; wake < wakes; wake += 1) {
    pipeline.wake(day);
    await pipeline.finish();
  }
  const { files: known, manifests } = pipeline.ledger();
  // A builder also notices what is pending for other dates.
  const files = known.filter(({ date }) => date === day);
  return {
    files: files.map(({ key }) => key),
    // If two manifests have one name, the files of the second one are converted, even twice.
    struck: files
      .filter(({ faults: met, expected }) => met.length > 0 && expected !== 'converted_twice')
      .map(({ key }) => key),
    manifestName: manifests[0]?.name ?? '',
  };
}
