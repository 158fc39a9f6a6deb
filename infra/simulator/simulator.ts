import { setTimeout as sleep } from 'node:timers/promises';
import pMap from 'p-map';
import { deleteExpired } from './guarded-write.ts';
import { type Batch, generateBatches, type LifeOptions } from './life.ts';
import type { RecordKeys } from './records.ts';
import type { Action } from './scenarios.ts';
import { type PipelineTarget, performStep } from './steps.ts';

export interface SimulatorOptions extends LifeOptions, PipelineTarget {
  /** How many times faster than in the field files live; arrivals follow the rate alone. */
  readonly speed: number;
}

export interface SimulatorProgress {
  /** Files that arrived, recorded or refused. */
  arrived: number;
  /** Writes that the tracking table accepted, removals not counted. */
  writes: number;
  /** Records removed because their `ttl` had passed. */
  removed: number;
  /** Files whose life has been written completely; a stuck file's life ends where it is stuck. */
  finished: number;
}

export interface Simulator {
  progress(): SimulatorProgress;
  /** Resolves when all lives are over or it is stopped; removals not due by then never happen. */
  readonly done: Promise<void>;
  /** Finishes the writes in flight and makes no more. */
  stop(): Promise<void>;
}

/** A batch under way. */
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
/** More batches at a time would only delay each of them. */
const mostLives = 2_000;

/** Starts to write what a pipeline writes, until its files are used up or it is stopped. */
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

/** Runs rounds, each doing what is due. A slow table only makes the rounds longer and the files later. */
async function simulate(run: Run): Promise<void> {
  const { signal, progress } = run;
  const batches = generateBatches(run.options, run.startMillis);
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

/** Removes records in a final status once their `ttl` has passed, which DynamoDB Local does not do by itself. */
interface Expiry {
  /** Notes the records if the action gave them a final status. */
  note(action: Action, written: readonly RecordKeys[]): void;
  /** Removes those that have expired and were not written to since; resolves to how many. */
  removeDue(signal: AbortSignal): Promise<number>;
}

interface Expiring {
  readonly keys: RecordKeys;
  readonly dueMillis: number;
}

const FINAL_ACTIONS: ReadonlySet<Action> = new Set([
  'complete',
  'fail',
  'quarantine',
  'finish_job',
  'break_job',
]);
const removalConcurrency = 8;

function createExpiry(target: PipelineTarget): Expiry {
  // Ordered by time, since all of them are kept for the same time.
  let waiting: Expiring[] = [];
  return {
    note(action, written) {
      if (!FINAL_ACTIONS.has(action)) return;
      const dueMillis = target.now() + target.keepSettledSeconds * 1_000;
      waiting.push(...written.map((keys) => ({ keys, dueMillis })));
    },
    async removeDue(signal) {
      const now = target.now();
      const firstLater = waiting.findIndex(({ dueMillis }) => dueMillis > now);
      const count = firstLater < 0 ? waiting.length : firstLater;
      const due = waiting.slice(0, count);
      waiting = waiting.slice(count);
      const remove = ({ keys }: Expiring) => !signal.aborted && deleteExpired(target, keys, now);
      const removed = await pMap(due, remove, { concurrency: removalConcurrency });
      return removed.filter(Boolean).length;
    },
  };
}
