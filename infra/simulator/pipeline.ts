import { createAgenda } from './agenda.ts';
import { arrive } from './arrivals.ts';
import { wakeBuilder } from './builder.ts';
import { createFaults, type Fault } from './faults.ts';
import { createLedger, type FileTruth, type ManifestTruth } from './ledger.ts';
import { createObjects, type Objects } from './objects.ts';
import { type PipelineOptions, settingsOf } from './options.ts';
import { createPendingFiles } from './pending.ts';
import { createRandom } from './random.ts';
import { createTable, type PipelineTable } from './table.ts';
import { tell, upload } from './upload.ts';
import type { SimulatorProgress, World } from './world.ts';

/** How many agents act together with a running clock; one at a time, they would fall behind. */
const TOGETHER = 16;

/** A simulated pipeline. Nothing moves by itself: its time passes only in `advance` and `finish`. */
export interface Pipeline {
  /** The pipeline's own time, in milliseconds since the epoch; during an act, the time of that act. */
  now(): number;
  /** Lets everything that is due up to this time happen, in order. */
  advance(toMillis: number, signal?: AbortSignal): Promise<void>;
  /** Lets time pass until nothing is active. It does not wait for hanging jobs and future expiries. */
  finish(signal?: AbortSignal): Promise<void>;
  /** Lets an object arrive now; done at the next `advance`. */
  upload(objectKey: string): void;
  /** Delivers the event of an object without a record now, as from the queue's dead letters; done at the next `advance`. */
  redrive(objectKey: string): void;
  /** Stops an execution as Step Functions does: its job run ends, and nothing more is written. */
  stop(executionArn: string): void;
  /** Wakes the builder now, as an operator's synthetic event does; done at the next `advance`. */
  wake(date?: string): void;
  /** Limits how many jobs run at once; others wait, like executions that Glue refuses. Running ones are not ended. */
  limitJobs(atOnce: number): void;
  /** Makes a fault happen to the next possible file, manifest or execution, of this date if one is given. */
  plant(fault: Fault, date?: string): void;
  /** What has really happened, until now. */
  ledger(): { files: FileTruth[]; manifests: ManifestTruth[] };
  progress(): SimulatorProgress & { readonly writes: number };
  /** Whether anything is active. */
  isBusy(): boolean;
}

/** Where a pipeline writes to, instead of DynamoDB and S3. */
export interface Stores {
  readonly table: PipelineTable;
  readonly objects: Objects;
}

/** Creates a pipeline; the same options give the same history, as long as nobody else writes to its table. */
export function createPipeline(options: PipelineOptions, stores?: Stores): Pipeline {
  const world = worldOf(options, stores);
  const { agenda, ledger, pending } = world;
  const soon = () => ({ atMillis: world.now() });
  if (options.rate !== undefined) {
    const { rate, files = Number.POSITIVE_INFINITY, startMillis } = options;
    agenda.start(arrive(world, { rate, files, startMillis }), { atMillis: startMillis });
  }
  return {
    now: world.now,
    advance(toMillis, signal) {
      pending.forget();
      return agenda.runUntil(toMillis, signal);
    },
    finish(signal) {
      pending.forget();
      return agenda.runUntilIdle(signal);
    },
    upload: (objectKey) => agenda.start(upload(world, objectKey), soon()),
    redrive(objectKey) {
      if (ledger.ofObject(objectKey)?.record === 'none') agenda.start(tell(world, objectKey), soon());
    },
    stop: (executionArn) => void world.stopped.add(executionArn),
    wake: (date) => agenda.later(() => wakeBuilder(world, date), soon()),
    limitJobs(atOnce) {
      world.jobs.atOnce = atOnce;
    },
    plant: world.faults.plant,
    ledger: () => ({ files: ledger.files(), manifests: ledger.manifests() }),
    progress: () => ({ ...world.progress, writes: world.table.writes() }),
    isBusy: () => agenda.busy() > 0,
  };
}

function worldOf(options: PipelineOptions, stores?: Stores): World {
  const settings = settingsOf(options);
  const agenda = createAgenda(options.startMillis, options.clock ? TOGETHER : 1);
  const now = options.clock ?? agenda.now;
  const table = stores?.table ?? createTable(options.documents, options.table, settings.statusIndex);
  const random = createRandom(settings.seed);
  const ledger = createLedger();
  return {
    settings,
    buckets: options.buckets,
    table,
    objects: stores?.objects ?? createObjects(options.s3, now),
    agenda,
    random,
    faults: createFaults(createRandom(settings.seed + 1), settings.weights),
    ledger,
    pending: createPendingFiles(table, settings.shards, (keys) => ledger.foundPending(keys, agenda.now())),
    progress: { arrived: 0, removed: 0 },
    styles: new Map(),
    claimed: new Map(),
    registered: new Map(),
    stopped: new Set(),
    jobs: { atOnce: Number.POSITIVE_INFINITY, running: 0 },
    expiring: new Set(),
    isEndless: options.clock !== undefined && options.files === undefined,
    now,
  };
}
