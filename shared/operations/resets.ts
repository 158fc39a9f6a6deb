import type { ChangeFile } from '../changes/change.ts';
import type { LeftOut } from '../changes/plan-entry.ts';
import { pickupByDate } from '../pipeline/pickup.ts';
import { executionCommands, isReset, type ResetObstacle } from '../pipeline/retryable.ts';
import { parseStatus } from '../pipeline/status.ts';
import { type RecordKey, rawText } from '../pipeline/tracking-table.ts';
import { readSuffixes } from '../projection/counter-items.ts';
import { countOf } from '../text/number-text.ts';
import { fitToResponse } from './answers.ts';
import type { OperationDeps } from './operation.ts';

/** A file that was not reset, as callers see it. */
export type ShownLeftOut = ReturnType<typeof shownLeftOut>;

export function shownLeftOut({ key, status, obstacle }: Omit<LeftOut, 'kind'>) {
  const { code, sentence, execution_arn } = obstacle;
  return {
    date_prefix: key.date_prefix,
    file_key: key.file_key,
    status,
    code,
    reason: sentence,
    ...(execution_arn !== undefined && { execution_arn, commands: executionCommands(execution_arn) }),
  };
}

/** Files that were not reset: how many there are, and those that may be listed. */
export interface LeftOuts {
  readonly count: number;
  readonly files: readonly ShownLeftOut[];
}

// A part of the 6 MB that an answer may have: the lists of other files take the rest.
const LEFT_OUT_BYTES = 1_500_000;

/**
 * As many of them as fit into an answer, and their number if that is greater.
 *
 * @param cut of the answer, if it has other lists
 */
export function shownLeftOuts({ count, files }: LeftOuts, cut = fitToResponse) {
  const left_out = cut(files, LEFT_OUT_BYTES);
  return { left_out, ...(left_out.length < count && { left_out_count: count }) };
}

/** A status of which only the dates were read that have something stuck according to the counters of ages. */
export interface NarrowedStatus {
  readonly status: string;
  readonly dates: number;
}

/** What was checked, what may be missed because of that, and how to check everything. */
export function narrowedText(narrowed: readonly NarrowedStatus[], whole: string): string {
  const parts = narrowed.map(({ status, dates }) => `${status}: ${countOf(dates, 'date')}`);
  return `Only the dates on which files are counted as stuck or of unknown age were checked (${parts.join(', ')}). A file that is counted wrongly, or not at all, is missed: ${whole} checks all files.`;
}

/** A file of a change that was left out right before it would have been written. */
export function leftOutOf({ key, before, result }: ChangeFile): ShownLeftOut[] {
  const obstacle: ResetObstacle | undefined = result?.kind === 'skipped' ? result.leftOut : undefined;
  if (!obstacle) return [];
  return [shownLeftOut({ key, status: parseStatus(rawText(before, 'status')).status, obstacle })];
}

/** Whether a file of a change was reset. */
export function wasReset({ before, after, result }: ChangeFile): boolean {
  return result?.kind === 'applied' && isReset(rawText(before, 'status'), rawText(after, 'status'));
}

/**
 * What will pick up the files that were reset; nothing where there are none.
 *
 * @param isDone whether they have been reset already
 */
export async function shownPickup(deps: OperationDeps, reset: readonly RecordKey[], isDone: boolean) {
  if (reset.length === 0) return {};
  const suffixes = await readSuffixes(deps.projection);
  const dates = await pickupByDate(deps, tally(reset), isDone, suffixes);
  return {
    pickup: {
      dates: dates.map(({ date_prefix, files, text }) => ({ date_prefix, files, waits_for: text })),
      hint: 'Nothing is scheduled: a builder wakes when a file is uploaded. The runbook wake-builder.ts wakes it for a date.',
    },
  };
}

function tally(keys: readonly RecordKey[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { date_prefix } of keys) counts.set(date_prefix, (counts.get(date_prefix) ?? 0) + 1);
  return counts;
}
