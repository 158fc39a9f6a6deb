import * as z from 'zod';
import { applyPlan } from '../changes/apply.ts';
import type { ChangeFile } from '../changes/change.ts';
import { makePlan, newPlanHeader } from '../changes/plan.ts';
import { type Selected, selectFiles } from '../changes/selection.ts';
import { parseStatus } from '../pipeline/status.ts';
import { incompleteListing } from '../pipeline/status-index.ts';
import type { RecordKey, TrackingRecord } from '../pipeline/tracking-table.ts';
import { addUnknownAge, NO_UNKNOWN_AGES, shownUnknownAges } from '../pipeline/unknown-ages.ts';
import { readCounters } from '../projection/counter-items.ts';
import { Refused } from '../text/refused.ts';
import { fitToResponse } from './answers.ts';
import { changeRequestOf, runOptions, shownEnding } from './change-requests.ts';
import { MOST_CHANGES, MOST_LISTED, maxChanges, reason, stuckHours, stuckStatus } from './inputs.ts';
import { type OperationDeps, operation } from './operation.ts';

const ORIGIN = 'reset_stuck_files';

const input = z.strictObject({
  max_processing_hours: stuckHours,
  dry_run: z.boolean().default(true).describe('lists what would be reset, and writes nothing'),
  status: z
    .union([stuckStatus, z.array(stuckStatus).min(1)])
    .default('processing')
    .describe('where files are stuck: processing, manifested, or a list of both'),
  reason,
  max_changes: maxChanges,
  limit: z.int().min(1).max(MOST_LISTED).default(1_000).describe('how many files to list at most'),
});

type Input = z.output<typeof input>;

export const resetStuckFiles = operation({
  name: 'reset_stuck_files',
  description: 'Puts files that are stuck back to pending; a file that moved meanwhile is left alone',
  input,
  async run(deps, request) {
    const { found, stuck, ageUnknown, incomplete } = await findStuck(deps, request);
    const dry = {
      dry_run: request.dry_run,
      stuck_files_found: found,
      files_reset: 0,
      skipped: [],
      ...(incomplete && { incomplete }),
      ...shownUnknownAges(ageUnknown),
    };
    if (request.dry_run || found === 0) return { ...dry, ...listed(stuck.map(shownStuck), found, request) };
    if (found > request.max_changes) throw tooMany(found, request.max_changes);
    return { ...dry, ...(await reset(deps, stuck, request)) };
  },
});

/** Counts all stuck files, and keeps as many as can be changed or listed; a file of unknown age is none of them. */
async function findStuck(deps: OperationDeps, { status, max_processing_hours, ...request }: Input) {
  const { suffixes } = await readCounters(deps.projection, undefined);
  let ageUnknown = NO_UNKNOWN_AGES;
  const selection = {
    statuses: [...new Set([status].flat())],
    suffixes,
    olderThanHours: max_processing_hours,
    onAgeUnknown: (record: TrackingRecord) => {
      ageUnknown = addUnknownAge(ageUnknown, record);
    },
  };
  const most = Math.max(request.limit, request.max_changes);
  const stuck: Selected[] = [];
  let found = 0;
  for await (const file of selectFiles(deps, selection, { new_status: 'pending' }, deps.now)) {
    found += 1;
    if (stuck.length < most) stuck.push(file);
  }
  return { found, stuck, ageUnknown, incomplete: incompleteListing(suffixes) };
}

async function reset(deps: OperationDeps, stuck: readonly Selected[], request: Input) {
  const header = newPlanHeader({ table: deps.tracking.name }, ORIGIN, deps.now);
  const plan = makePlan(
    header,
    stuck.map(({ entry }) => entry),
  );
  const results = new Map<string, ChangeFile['result']>();
  const onFile = ({ key, result }: ChangeFile) => void results.set(nameOf(key), result);
  const options = { ...runOptions(deps), maxChanges: request.max_changes, onFile };
  const change = await applyPlan(deps, plan, changeRequestOf(deps, ORIGIN, request.reason), options);
  const files = stuck.map((file) => {
    const result = results.get(nameOf(file.entry));
    return {
      ...shownStuck(file),
      result: result?.kind === 'applied' ? 'reset' : (result?.kind ?? 'not reached'),
      ...(result?.kind === 'skipped' && { became: result.became ?? null }),
      ...(result?.kind === 'failed' && { error: result.error }),
    };
  });
  return {
    files_reset: change.counts?.applied ?? 0,
    skipped: files.filter(({ result }) => result === 'skipped'),
    ...listed(files, files.length, request),
    ...shownEnding(change),
  };
}

function shownStuck({ entry, hours }: Selected) {
  return {
    date_prefix: entry.date_prefix,
    file_key: entry.file_key,
    status: parseStatus(entry.expected.status).status,
    hours_stuck: hours ?? null,
  };
}

function listed<T>(files: readonly T[], found: number, { limit }: Input) {
  const shown = fitToResponse(files.slice(0, limit));
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
