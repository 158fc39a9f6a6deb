import type { Agent } from './agenda.ts';
import { refusedText, TIMED_OUT_TEXT } from './error-text.ts';
import type { Fault } from './faults.ts';
import { runJob } from './job.ts';
import { type JobEnd, type Manifest, noteFiles, strandFiles } from './manifest.ts';
import { manifestFields, manifestKeys } from './records.ts';
import { markFiles, markProcessing } from './updater.ts';
import { after, idle, type World } from './world.ts';

const HOUR_SECONDS = 3_600;
const LIMIT_HOURS = 48;

/** An execution until its end, or until somebody stops it. */
export async function* runUntilStopped(world: World, manifest: Manifest, arn: string): Agent {
  const execution = runExecution(world, manifest);
  for (;;) {
    if (world.stopped.has(arn)) return;
    const { done, value } = await execution.next();
    if (done) return;
    yield value;
  }
}

/** The state machine: it runs the job of one manifest and marks the result in the records. */
async function* runExecution(world: World, manifest: Manifest): Agent {
  const happens = (fault: Fault) => world.faults.happens(fault, manifest.date);
  await markManifest(world, manifest, 'processing');
  if (world.settings.marksProcessing) await markProcessing(world, manifest);
  yield after(world, 0.3, 1);
  if (happens('job_throttled')) {
    noteFiles(world, manifest, 'job_throttled');
    return yield* finish(world, manifest, { error: refusedText(world, manifest.uri) });
  }
  if (happens('job_timed_out')) {
    strandFiles(world, manifest, 'job_timed_out');
    yield idle(world, LIMIT_HOURS * HOUR_SECONDS);
    return yield* finish(world, manifest, { error: TIMED_OUT_TEXT });
  }
  const end = yield* runInTurn(world, manifest);
  return yield* finish(world, manifest, end);
}

/** Waits while Glue accepts no more runs: the state machine asks again. */
async function* runInTurn(world: World, manifest: Manifest): Agent<JobEnd> {
  const { jobs } = world;
  while (jobs.running >= jobs.atOnce) yield after(world, 1, 3);
  jobs.running += 1;
  try {
    return yield* runJob(world, manifest);
  } finally {
    jobs.running -= 1;
  }
}

async function* finish(world: World, manifest: Manifest, end: JobEnd): Agent {
  const happens = (fault: Fault) => world.faults.happens(fault, manifest.date);
  yield after(world, 0.1, 0.5);
  const files = world.claimed.get(manifest.uri) ?? [];
  const missed = happens('updater_missed')
    ? files.length
    : happens('updater_missed_some')
      ? Math.floor(files.length / 2)
      : 0;
  for (const file of files.slice(0, missed)) {
    world.ledger.strand(world.ledger.file(file), 'updater_missed', world.now());
  }
  await markFiles(world, manifest, files.slice(missed), end);
  yield after(world, 0.1, 1);
  await markManifest(world, manifest, end.error === undefined ? 'completed' : 'failed', end);
  if (missed > 0 || !happens('completed_again')) return;
  yield after(world, 0.5, 3);
  await markFiles(world, manifest, files, end);
}

/** Unconditional, as a state machine's update is. */
async function markManifest(
  world: World,
  manifest: Manifest,
  status: 'processing' | 'completed' | 'failed',
  { jobRunId, error }: JobEnd = {},
): Promise<void> {
  const set = {
    ...manifestFields(world, status),
    ...(jobRunId !== undefined && { glue_job_run_id: jobRunId }),
    ...(error !== undefined && { error_message: error }),
  };
  await world.table.update(manifestKeys(world, manifest), { set, isUnconditional: true });
}
