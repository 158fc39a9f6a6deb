import { setTimeout as sleep } from 'node:timers/promises';
import pMap from 'p-map';
import { createExpiry, type Expiry } from './expiry.ts';
import { type Batch, type PlanOptions, planBatches } from './life.ts';
import { type PipelineTarget, performStep } from './steps.ts';

export interface SimulatorOptions extends Omit<PlanOptions, 'startMillis'>, PipelineTarget {
  /** How many times faster than planned files live; arrivals follow the rate alone. */
  readonly speed: number;
}

export interface SimulatorProgress {
  /** Files that arrived, recorded or refused. */
  arrived: number;
  /** Writes that the tracking table accepted, removals not counted. */
  writes: number;
  /** Records removed because their `ttl` had passed. */
  removed: number;
  /** Files whose life was written to its end, which for a stuck one is where it stays. */
  finished: number;
}

export interface Simulator {
  progress(): SimulatorProgress;
  /** Resolves when the planned lives are over or it is stopped; removals not due by then never happen. */
  readonly done: Promise<void>;
  /** Finishes the writes in flight and makes no more. */
  stop(): Promise<void>;
}

interface Life {
  readonly batch: Batch;
  readonly begunMillis: number;
  nextStep: number;
}

interface Run {
  readonly options: SimulatorOptions;
  readonly startMillis: number;
  readonly progress: SimulatorProgress;
  readonly signal: AbortSignal;
  readonly expiry: Expiry;
  lives: Life[];
}

const roundMillis = 50;
const concurrency = 16;
/** More batches than this at a time would only make each of them late. */
const mostLives = 2_000;

/** Starts to write what a pipeline writes, and goes on until its files are used up or it is stopped. */
export function startSimulator(options: SimulatorOptions): Simulator {
  const abort = new AbortController();
  const run: Run = {
    options,
    startMillis: options.now(),
    progress: { arrived: 0, writes: 0, removed: 0, finished: 0 },
    signal: abort.signal,
    expiry: createExpiry(options),
    lives: [],
  };
  const done = simulate(run);
  const stop = () => {
    abort.abort();
    return done;
  };
  return { progress: () => ({ ...run.progress }), done, stop };
}

/** Rounds, each doing what is due: a slow table makes the rounds longer and the files later, nothing else. */
async function simulate(run: Run): Promise<void> {
  const { signal, progress } = run;
  const batches = planBatches({ ...run.options, startMillis: run.startMillis });
  let next = batches.next();
  while (!signal.aborted) {
    while (!next.done && admit(run, next.value)) next = batches.next();
    await pMap(run.lives, (life) => advance(run, life), { concurrency });
    run.lives = run.lives.filter(({ batch, nextStep }) => nextStep < batch.steps.length);
    progress.removed += await run.expiry.removeDue(signal);
    if (next.done && run.lives.length === 0) return;
    await sleep(roundMillis, undefined, { signal }).catch(() => undefined);
  }
}

/** Begins the life of a batch, if it is due. */
function admit(run: Run, batch: Batch): boolean {
  const now = run.options.now();
  if (run.startMillis + batch.startsAt * 1_000 > now || run.lives.length >= mostLives) return false;
  run.lives.push({ batch, begunMillis: now, nextStep: 0 });
  return true;
}

/** Does the steps of one batch that are due, in their order. */
async function advance(run: Run, life: Life): Promise<void> {
  const { options, progress, signal, expiry } = run;
  const { batch } = life;
  for (let step = batch.steps[life.nextStep]; step; step = batch.steps[life.nextStep]) {
    const dueMillis = life.begunMillis + (step.at * 1_000) / options.speed;
    if (signal.aborted || dueMillis > options.now()) return;
    const written = await performStep(options, batch, step);
    if (step.action === 'upload' || step.action === 'reject') progress.arrived += step.files.length;
    progress.writes += written.length;
    expiry.note(step.action, written);
    life.nextStep += 1;
  }
  progress.finished += batch.files.length;
}
