import { setTimeout as sleep } from 'node:timers/promises';
import type { LifeOptions } from './options.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';

export interface SimulatorOptions extends LifeOptions {
  readonly now: () => number;
  readonly rate: number;
}

export interface Simulator {
  progress: Pipeline['progress'];
  /** Wakes the builder, as an operator's synthetic event does. */
  wake: Pipeline['wake'];
  redrive: Pipeline['redrive'];
  plant: Pipeline['plant'];
  /** Resolves when all files have arrived and nothing is active, or when it is stopped. */
  readonly done: Promise<void>;
  /** Finishes what is in progress and begins nothing more. */
  stop(): Promise<void>;
}

const ROUND_MILLIS = 50;

/** Runs a pipeline with a running clock, until all files have arrived and are done, or it is stopped. */
export function startSimulator({ now, ...options }: SimulatorOptions): Simulator {
  const abort = new AbortController();
  const pipeline = createPipeline({ ...options, startMillis: now(), clock: now });
  const done = live(pipeline, now, abort.signal);
  const stop = () => {
    abort.abort();
    return done;
  };
  return {
    progress: pipeline.progress,
    wake: pipeline.wake,
    redrive: pipeline.redrive,
    plant: pipeline.plant,
    done,
    stop,
  };
}

/** Runs rounds, each doing what is due. A slow table only makes the rounds longer and the files later. */
async function live(pipeline: Pipeline, now: () => number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && pipeline.isBusy()) {
    await pipeline.advance(now(), signal);
    await sleep(ROUND_MILLIS, undefined, { signal }).catch(() => undefined);
  }
}
