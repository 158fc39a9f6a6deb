import pMap from 'p-map';
import { withBackoff } from '../flow/pace.ts';
import { pages } from '../flow/pages.ts';
import { isSettled, parseStatus } from '../pipeline/status.ts';
import { type RecordKey, rawText } from '../pipeline/tracking-table.ts';
import type { Head } from '../projection/head.ts';
import { readHead } from '../projection/projection-table.ts';
import { isoTime } from '../text/time.ts';
import type { Change, ChangeFile, Stage, StageRule, StageTally } from './change.ts';
import { listChangeFiles } from './change-file-table.ts';
import { type ChangeOutcome, changeClosed, moveChange } from './change-table.ts';
import type { ChangeDeps, RunOptions } from './context.ts';
import { endingOf, filesOf, writeFiles } from './write-files.ts';

/**
 * Writes the files of a change stage by stage: a few first, whose outcome decides whether more follow. A run may end
 * anywhere; the next one continues in the same stage, and checks again a stage that was found bad.
 *
 * @returns the step that the change takes by it
 * @throws Refused when the change was closed in the meantime
 */
export async function runStages(
  deps: ChangeDeps,
  change: Change,
  rule: StageRule,
  options: RunOptions,
): Promise<ChangeOutcome> {
  for (let current = change; ; ) {
    const stage = current.stages?.at(-1);
    if (current.state !== 'applying') return endedElsewhere(current);
    if (!stage || stage.outcome === 'passed') current = await beginStage(deps, current, rule);
    else if (stage.appliedAt === undefined) {
      const written = await writeFiles(deps, current, options, filesUpTo(current));
      if (written.isComplete || filesOf(written.counts) < filesUpTo(current) || written.retryable > 0) {
        return { ...endingOf(written, options), ...(!written.isComplete && { progress: written.progress }) };
      }
      const appliedAt = isoTime(clockOf(deps, options)());
      const step = { ...stage, appliedAt, outcome: undefined };
      current = await noteStage(deps, current, step, written.progress);
      options.waiting?.onStage(step, stagesOf(current));
    } else {
      const change = current;
      const judged = await withBackoff(() => judgeOnce(deps, change, stage, rule, options), deps);
      if (judged) {
        current = await noteStage(deps, current, judged);
        options.waiting?.onStage(judged, stagesOf(current));
        if (current.stages?.at(-1)?.outcome === 'failed') return stopped(current, 'stage');
      } else if (options.signal?.aborted || !options.waiting) {
        return options.isContinued ? { state: 'applying' } : stopped(current, 'interrupted');
      } else await deps.sleep(pollMillis(stage));
    }
  }
}

/** How long to wait before the outcome of a stage is checked again: a check reads a head for each of its files. */
export function pollMillis({ files }: Pick<Stage, 'files'>): number {
  return Math.max(5_000, files * 10);
}

const GROWTH = 10;
// This many heads are read within seconds.
const MOST_IN_STAGE = 10_000;

function beginStage(deps: ChangeDeps, change: Change, { first }: StageRule): Promise<Change> {
  const { stages = [], progress } = change;
  const files = Math.min(first * GROWTH ** stages.length, MOST_IN_STAGE);
  const stage = { files, ...(progress?.after && { after: progress.after }) };
  return note(deps, change, { stages: [...stages, stage] });
}

/** @param progress where it is new */
function noteStage(deps: ChangeDeps, change: Change, stage: Stage, progress = change.progress) {
  const stages = [...(change.stages ?? []).slice(0, -1), stage];
  return note(deps, change, { stages, progress });
}

/** @returns the change as it is now: if another run has begun a stage in the meantime, that run continues */
async function note(
  deps: ChangeDeps,
  { id, stages = [] }: Change,
  step: Pick<ChangeOutcome, 'stages' | 'progress'>,
): Promise<Change> {
  const from = ['applying', 'stopped'] as const;
  const move = { from, state: 'applying', stagesSoFar: stages.length, ...step } as const;
  const change = await withBackoff(() => moveChange(deps.projection, id, move), deps);
  if (change.state === 'closed') throw changeClosed(change);
  return change;
}

/** Another run of the same change was faster: its findings count. */
function endedElsewhere({ state, stopCause, counts }: Change): ChangeOutcome {
  return { state, stopCause, counts };
}

function stopped({ progress }: Change, stopCause: 'stage' | 'interrupted'): ChangeOutcome {
  return { state: 'stopped', stopCause, counts: progress?.counts };
}

/** How many files of a change, counted from its first, may be written in the stages that were begun. */
export function filesUpTo({ stages = [] }: Pick<Change, 'stages'>): number {
  return stages.reduce((sum, { files }) => sum + files, 0);
}

function stagesOf({ stages = [] }: Change): number {
  return stages.length;
}

function clockOf({ now }: ChangeDeps, { waiting }: RunOptions): () => number {
  return waiting ? () => waiting.clock() : () => now;
}

/** The stage with its outcome, undefined while it is too early to tell. */
async function judgeOnce(
  deps: ChangeDeps,
  change: Change,
  stage: Stage,
  rule: StageRule,
  options: RunOptions,
): Promise<Stage | undefined> {
  const tally = await tallyOf(deps, change, stage);
  const now = clockOf(deps, options)();
  const isLate = now >= Date.parse(stage.appliedAt ?? '') + rule.withinMinutes * 60_000;
  const outcome = judgeStage(tally, rule, isLate || stage.outcome === 'failed');
  return outcome && { ...stage, tally, outcome, judgedAt: isoTime(now) };
}

/**
 * Whether a stage went well; what is still open counts as bad once its time is over. Pure.
 *
 * @returns undefined while what is still open may decide it
 */
export function judgeStage(
  { good, bad, open }: StageTally,
  { badBelow }: Pick<StageRule, 'badBelow'>,
  isLate: boolean,
): 'passed' | 'failed' | undefined {
  const isBelow = (count: number) => count === 0 || count / (good + bad + open) < badBelow;
  if (!isBelow(bad)) return 'failed';
  if (isBelow(bad + open)) return 'passed';
  return isLate ? 'failed' : undefined;
}

const CONCURRENT_READS = 16;

/** Reads from the projection the outcome of exactly the files of a stage; one that could not be written is bad. */
async function tallyOf({ projection }: ChangeDeps, { id }: Change, stage: Stage): Promise<StageTally> {
  const tally = { good: 0, bad: 0, open: 0 };
  let seen = 0;
  const load = (after: RecordKey | undefined) =>
    listChangeFiles(projection, id, Math.min(1_000, stage.files - seen), after);
  for await (const { files } of pages(load, stage.after)) {
    seen += files.length;
    const applied = files.filter(({ result }) => result?.kind === 'applied');
    tally.bad += files.filter(({ result }) => result?.kind === 'failed').length;
    const became = async (file: ChangeFile) => becameOf(file, await readHead(projection, file.key), id);
    for (const kind of await pMap(applied, became, { concurrency: CONCURRENT_READS })) tally[kind] += 1;
    if (seen >= stage.files) break;
  }
  return tally;
}

/**
 * The outcome of a file that a change has written. A file that the change itself settled is good while it keeps that
 * status; any other is good once it is completed, and bad once it failed or was refused. Pure.
 *
 * @param head undefined when the projection has not seen the file
 */
export function becameOf(
  { after }: Pick<ChangeFile, 'after'>,
  head: Pick<Head, 'status' | 'events' | 'expiresAt'> | undefined,
  changeId: string,
): keyof StageTally {
  const target = parseStatus(rawText(after, 'status')).status;
  const at = head?.events.findIndex((event) => event.changeId === changeId) ?? -1;
  if (!head || at < 0) return 'open';
  if (head.expiresAt !== undefined) return 'bad';
  if (isSettled(target)) return head.status === target ? 'good' : 'bad';
  const end = head.events.slice(at + 1).find(({ status }) => status === undefined || isSettled(status));
  if (!end) return 'open';
  return end.status === 'completed' ? 'good' : 'bad';
}
