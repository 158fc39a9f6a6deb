/** What the pipeline does to each file of a batch, or (the second line) to the batch as a whole. */
export type Action =
  | ('upload' | 'claim' | 'assign' | 'release' | 'process' | 'complete' | 'fail' | 'quarantine' | 'reject')
  | ('lock' | 'unlock' | 'store_manifest' | 'register' | 'start_job' | 'write_output')
  | ('finish_job' | 'break_job');

/** One action, some seconds after the one before, on all files of the batch or on one half of them. */
export interface ScenarioStep {
  readonly action: Action;
  readonly delay: readonly [from: number, to: number];
  readonly files: 'all' | 'first half' | 'second half';
}

/** The life that all files of one batch have in common; `weight` is its share of the batches. */
export interface Scenario {
  readonly name: string;
  readonly weight: number;
  /** Fewest and most files of such a batch. */
  readonly size: readonly [from: number, to: number];
  readonly steps: readonly ScenarioStep[];
  /** The documented pipeline, which unlike the one in the field has no shard suffixes and placeholders. */
  readonly simple?: boolean;
  /** Whether the manifest was built by the stream's trigger, which starts no execution. */
  readonly streamTriggered?: boolean;
}

const step = (
  action: Action,
  from: number,
  to: number,
  files: ScenarioStep['files'] = 'all',
): ScenarioStep => ({
  action,
  delay: [from, to],
  files,
});

const upload = step('upload', 0, 0.5);
const claim = step('claim', 1, 6);
const storeManifest = step('store_manifest', 0.1, 0.4);
const assign = step('assign', 0.1, 0.3);
const register = step('register', 0.1, 0.5);
const startJob = step('start_job', 0, 0.1);
const writeOutput = step('write_output', 3, 15);
const complete = step('complete', 0.1, 0.5);
const finishJob = step('finish_job', 0.1, 1);
const completeAgain = step('complete', 0.5, 3);
const release = step('release', 0.1, 1);
const reclaim = [release, claim];
const reclaimAssigned = [assign, release, claim];

const building = [step('lock', 0.5, 2), claim, storeManifest, assign, step('unlock', 0, 0.1)];
const built = [upload, ...building, register];
const converted = [...building, register, startJob, writeOutput, complete, finishJob];
const simpleBuilt = [upload, storeManifest, claim];
const simpleConverted = [...simpleBuilt, step('process', 1, 5), writeOutput, complete];

/** Every life seen in the field. Most end well; what goes wrong is rare and comes in small batches. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'converted', weight: 40, size: [6, 12], steps: [upload, ...converted] },
  { name: 'completed_again', weight: 18, size: [4, 10], steps: [upload, ...converted, completeAgain] },
  {
    name: 'completed_thrice',
    weight: 8,
    size: [2, 8],
    steps: [upload, ...converted, completeAgain, completeAgain],
  },
  { name: 'released', weight: 8, size: [2, 5], steps: [upload, claim, release, ...converted] },
  {
    name: 'released_often',
    weight: 3,
    size: [1, 3],
    steps: [upload, claim, ...reclaim, ...reclaim, release, ...converted],
  },
  {
    name: 'released_assigned',
    weight: 3,
    size: [1, 2],
    steps: [upload, claim, ...repeat(5, reclaimAssigned), assign, release, ...converted],
  },
  { name: 'simple', weight: 6, size: [3, 8], steps: simpleConverted, simple: true },
  {
    name: 'failed',
    weight: 4,
    size: [2, 6],
    steps: [...built, startJob, step('fail', 2, 6), step('break_job', 0, 1)],
  },
  { name: 'quarantined', weight: 2, size: [1, 2], steps: [upload, step('quarantine', 1, 4)] },
  { name: 'rejected', weight: 1, size: [1, 2], steps: [step('reject', 1, 4)] },
  {
    // Two builders write the same manifest name in one second: the files of the first are in no manifest.
    name: 'manifest_overwritten',
    weight: 1,
    size: [4, 8],
    steps: [
      upload,
      ...building.map((each): ScenarioStep => ({ ...each, files: 'first half' })),
      ...building.map((each): ScenarioStep => ({ ...each, files: 'second half' })),
      ...[register, startJob, writeOutput, complete, finishJob],
    ],
  },
  // The files of the following scenarios get stuck.
  { name: 'updater_missed', weight: 0.8, size: [2, 5], steps: [...built, startJob, writeOutput, finishJob] },
  { name: 'builder_died', weight: 0.8, size: [1, 4], steps: [upload, step('lock', 0.5, 2), claim] },
  { name: 'never_started', weight: 0.8, size: [2, 5], steps: built, streamTriggered: true },
  { name: 'job_stuck', weight: 0.8, size: [1, 4], steps: [...built, startJob] },
  { name: 'job_refused', weight: 0.8, size: [1, 4], steps: [...built, startJob, step('break_job', 0.3, 1)] },
  { name: 'never_flushed', weight: 0.8, size: [1, 2], steps: [upload] },
  {
    name: 'simple_stuck',
    weight: 0.8,
    size: [1, 2],
    steps: [...simpleBuilt, step('process', 1, 5)],
    simple: true,
  },
  { name: 'output_lost', weight: 0.5, size: [1, 3], steps: without('write_output', [upload, ...converted]) },
  {
    name: 'manifest_lost',
    weight: 0.5,
    size: [1, 3],
    steps: without('store_manifest', [upload, ...building]),
  },
];

function repeat(times: number, steps: readonly ScenarioStep[]): ScenarioStep[] {
  return Array.from({ length: times }, () => steps).flat();
}

function without(action: Action, steps: readonly ScenarioStep[]): ScenarioStep[] {
  return steps.filter(({ action: other }) => other !== action);
}
