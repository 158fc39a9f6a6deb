import * as z from 'zod';
import { applyPlan } from '../changes/apply.ts';
import type { ChangeFile } from '../changes/change.ts';
import { makePlan, newPlanHeader } from '../changes/plan.ts';
import type { LeftOut } from '../changes/plan-entry.ts';
import { type Selected, type SelectionCursor, selectFiles } from '../changes/selection.ts';
import { limitsOfProfile } from '../orphans/limits.ts';
import { parseStatus } from '../pipeline/status.ts';
import { incompleteListing } from '../pipeline/status-index.ts';
import type { RecordKey, TrackingRecord } from '../pipeline/tracking-table.ts';
import { addUnknownAge, NO_UNKNOWN_AGES, shownUnknownAges } from '../pipeline/unknown-ages.ts';
import { readSuffixes } from '../projection/counter-items.ts';
import { Refused } from '../text/refused.ts';
import { listCutter } from './answers.ts';
import { changeRequestOf, runOptions, shownEnding } from './change-requests.ts';
import { runEvenIfClosed } from './closed-meanwhile.ts';
import {
  fileChange,
  MOST_CHANGES,
  MOST_LISTED,
  maxChanges,
  nextToken,
  reason,
  stuckHours,
  stuckStatus,
} from './inputs.ts';
import { type OperationDeps, operation } from './operation.ts';
import { decodePageToken, encodePageToken } from './page-token.ts';
import {
  type LeftOuts,
  leftOutOf,
  type NarrowedStatus,
  narrowedText,
  type ShownLeftOut,
  shownLeftOut,
  shownLeftOuts,
  shownPickup,
  wasReset,
} from './resets.ts';
import { selectionPosition } from './token-positions.ts';

const ORIGIN = 'reset_stuck_files';

const input = z.strictObject({
  max_processing_hours: stuckHours,
  dry_run: z.boolean().default(true).describe('only lists what would be reset'),
  status: z
    .union([stuckStatus, z.array(stuckStatus).min(1)])
    .default('processing')
    .describe('where files are stuck: processing, manifested, or a list of both'),
  whole: z
    .boolean()
    .default(false)
    .describe('check every file in these statuses, even where the counters say that none is stuck'),
  reason,
  force: fileChange.shape.force,
  max_changes: maxChanges,
  limit: z.int().min(1).max(MOST_LISTED).default(1_000).describe('how many files to list at most'),
  next_token: nextToken.optional(),
});

type Input = z.output<typeof input>;

export const resetStuckFiles = operation({
  name: 'reset_stuck_files',
  description: 'Resets stuck files to pending, except those that would be converted twice or fail again',
  writes: true,
  input,
  async run(deps, request) {
    const { next_token, status, max_processing_hours, whole, force } = request;
    const scope = [ORIGIN, deps.tracking.name, status, max_processing_hours, force ?? false, whole];
    const after =
      next_token === undefined
        ? undefined
        : decodePageToken<SelectionCursor>(scope, next_token, selectionPosition);
    const { found, stuck, leftOut, ageUnknown, incomplete, narrowed, next } = await findStuck(
      deps,
      request,
      after,
    );
    const dry = {
      dry_run: request.dry_run,
      stuck_files_found: found + leftOut.count,
      files_reset: 0,
      skipped: [],
      ...(incomplete && { incomplete }),
      ...(narrowed.length > 0 && { looked_at: narrowedText(narrowed, 'whole: true') }),
      ...shownUnknownAges(ageUnknown),
      // Time was up before all files were checked: these are the counts so far.
      ...(next && { next_token: encodePageToken(scope, next) }),
    };
    if (request.dry_run || found === 0) {
      const entries = stuck.map(({ entry }) => entry);
      const pickup = await shownPickup(deps, entries, false);
      const cut = listCutter();
      const leftOuts = shownLeftOuts(leftOut, cut);
      return { ...dry, ...listed(stuck.map(shownStuck), found, request, cut), ...leftOuts, ...pickup };
    }
    if (found > request.max_changes) throw tooMany(found, request.max_changes);
    return { ...dry, ...(await reset(deps, stuck, leftOut, request)) };
  },
});

/**
 * Counts all stuck files for which there is time, and keeps as many as can be changed or listed. Files of unknown age
 * are not among them.
 */
async function findStuck(
  deps: OperationDeps,
  { status, max_processing_hours, whole, force, ...request }: Input,
  after: SelectionCursor | undefined,
) {
  const suffixes = await readSuffixes(deps.projection);
  const leftOut = { count: 0, files: [] as ShownLeftOut[] };
  const narrowed: NarrowedStatus[] = [];
  let ageUnknown = NO_UNKNOWN_AGES;
  let done = after;
  let next: SelectionCursor | undefined;
  const isTimeUp = timeUp(deps, request.dry_run);
  const selection = {
    after,
    onDone: (file: SelectionCursor) => {
      done = file;
    },
    mustStop: () => {
      if (isTimeUp()) next = done;
      return next !== undefined;
    },
    statuses: [...new Set([status].flat())],
    suffixes,
    olderThanHours: max_processing_hours ?? { ...limitsOfProfile(deps.profile) },
    overdueOnly: !whole,
    onNarrowed: (of: string, { length }: readonly string[]) =>
      void narrowed.push({ status: of, dates: length }),
    onAgeUnknown: (record: TrackingRecord) => {
      ageUnknown = addUnknownAge(ageUnknown, record);
    },
    onLeftOut: (file: LeftOut) => {
      leftOut.count += 1;
      if (leftOut.files.length < request.limit) leftOut.files.push(shownLeftOut(file));
    },
  };
  const target = { new_status: 'pending', force };
  const most = Math.max(request.limit, request.max_changes);
  const stuck: Selected[] = [];
  let found = 0;
  for await (const file of selectFiles(deps, selection, target, deps.now)) {
    found += 1;
    if (stuck.length < most) stuck.push(file);
  }
  return { found, stuck, leftOut, ageUnknown, incomplete: incompleteListing(suffixes), narrowed, next };
}

/** Changing the files as well needs half of the time. */
function timeUp({ signal, remainingMillis }: OperationDeps, isDryRun: boolean): () => boolean {
  const half = remainingMillis() / 2;
  return () => signal.aborted || (!isDryRun && remainingMillis() < half);
}

async function reset(deps: OperationDeps, stuck: readonly Selected[], leftOut: LeftOuts, request: Input) {
  const header = newPlanHeader({ table: deps.tracking.name }, ORIGIN, deps.now);
  const plan = makePlan(
    header,
    stuck.map(({ entry }) => entry),
  );
  const results = new Map<string, ChangeFile['result']>();
  const late: ShownLeftOut[] = [];
  const done: RecordKey[] = [];
  const onFile = (file: ChangeFile) => {
    results.set(nameOf(file.key), file.result);
    late.push(...leftOutOf(file));
    if (wasReset(file)) done.push(file.key);
  };
  const options = { ...runOptions(deps), maxChanges: request.max_changes, onFile };
  const changeRequest = changeRequestOf(deps, ORIGIN, request.reason);
  const change = await runEvenIfClosed(deps, changeRequest.id, options, (all) =>
    applyPlan(deps, plan, changeRequest, all),
  );
  const files = stuck.map((file) => {
    const result = results.get(nameOf(file.entry));
    return {
      ...shownStuck(file),
      result: resultText(result),
      ...(result?.kind === 'skipped' && !result.leftOut && { became: result.became ?? null }),
      ...(result?.kind === 'failed' && { error: result.error }),
    };
  });
  const cut = listCutter();
  const leftOuts = { count: leftOut.count + late.length, files: [...leftOut.files, ...late] };
  const shownLeft = shownLeftOuts(leftOuts, cut);
  const skipped = files.filter(({ result }) => result === 'skipped');
  const shownSkipped = cut(skipped);
  return {
    files_reset: files.filter(({ result }) => result === 'reset').length,
    skipped: shownSkipped,
    ...(shownSkipped.length < skipped.length && { truncated: true }),
    ...listed(files, files.length, request, cut),
    ...shownLeft,
    ...(await shownPickup(deps, done, true)),
    ...shownEnding(change),
  };
}

function resultText(result: ChangeFile['result']): string {
  if (result?.kind === 'applied') return 'reset';
  if (result?.kind === 'skipped' && result.leftOut) return 'left out';
  return result?.kind ?? 'not reached';
}

function shownStuck({ entry, hours }: Selected) {
  return {
    date_prefix: entry.date_prefix,
    file_key: entry.file_key,
    status: parseStatus(entry.expected.status).status,
    hours_stuck: hours ?? null,
  };
}

function listed<T>(files: readonly T[], found: number, { limit }: Input, cut: ReturnType<typeof listCutter>) {
  const shown = cut(files.slice(0, limit));
  return { stuck_files: shown, ...(shown.length < found && { truncated: true }) };
}

function nameOf({ date_prefix, file_key }: RecordKey): string {
  return JSON.stringify([date_prefix, file_key]);
}

function tooMany(found: number, allowed: number): Refused {
  return new Refused(
    'TOO_MANY_CHANGES',
    `${found} files are stuck; "max_changes" allows ${allowed}. Nothing was written.`,
    `Raise max_changes (up to ${MOST_CHANGES}) or max_processing_hours; the runbook reset-stuck has no such limit.`,
  );
}
