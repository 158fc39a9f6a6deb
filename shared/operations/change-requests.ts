import type { Change, ChangeFile, FileResult } from '../changes/change.ts';
import type { RunOptions } from '../changes/context.ts';
import { parseStatus } from '../pipeline/status.ts';
import { plainAttributes, type RawAttributes } from '../pipeline/tracking-table.ts';
import { plainValues } from '../text/plain-value.ts';
import type { OperationDeps } from './operation.ts';

// A tracking table with on-demand capacity bears a multiple of it beside the pipeline's own writes.
const FILES_PER_SECOND = 200;
const CONCURRENCY = 16;

/** How changes run within one invocation: at a bounded rate, and ended before it is cut off. */
export function runOptions({ signal }: OperationDeps): RunOptions {
  return { concurrency: CONCURRENCY, ratePerSecond: FILES_PER_SECOND, signal };
}

/** A change by one operation: who asks is known, and a reason that was not given is said to be missing. */
export function changeRequestOf(
  { actor, newId }: OperationDeps,
  operation: string,
  reason: string | undefined,
) {
  return { id: newId(), actor, reason: reason ?? `${operation} without a reason` };
}

/** A change as callers see it. */
export function shownChange(change: Change) {
  const { id, createdAt, stopCause, resumedBy, closedBy, digest: _digest, ...rest } = change;
  return {
    change_id: id,
    ...rest,
    created_at: createdAt,
    ...(stopCause && { stop_cause: stopCause }),
    ...(resumedBy && { resumed_by: resumedBy }),
    ...(closedBy && { closed_by: closedBy }),
  };
}

export type ShownChange = ReturnType<typeof shownChange>;

/** One file of a change as callers see it: statuses without suffix, values as JSON has them. */
export function shownChangeFile({ key, why, forced, before, after, result }: ChangeFile) {
  return {
    ...key,
    result: result?.kind ?? 'planned',
    ...(result?.kind === 'skipped' && shownSkipped(result)),
    ...(result?.kind === 'failed' && { error: result.error }),
    why,
    ...(forced && { forced }),
    before: shownAttributes(before),
    after: shownAttributes(after),
  };
}

function shownSkipped({ became, differs, changes, leftOut }: Extract<FileResult, { kind: 'skipped' }>) {
  const why = leftOut && { code: leftOut.code, left_out: leftOut.sentence };
  return { became: became ?? null, differs, ...(changes && { changes }), ...why };
}

export type ShownChangeFile = ReturnType<typeof shownChangeFile>;

/** How a change ended, and how to go on with one that ended early. */
export function shownEnding({ id, state, stopCause }: Change) {
  const ending = { change_id: id, state };
  if (state === 'done') return ending;
  const hint =
    state === 'preparing'
      ? 'It was cut off before any file was touched: send the request again; close_change ends this one.'
      : `Send {"operation": "resume_change", "change_id": "${id}"} to go on with it, or undo it; close_change ends it as it is.`;
  return { ...ending, ...(stopCause && { stop_cause: stopCause }), hint };
}

/** Attributes as JSON has them; numbers to the last digit, as text where JavaScript would round them. */
export function shownAttributes(attributes: RawAttributes): Record<string, unknown> {
  const plain = plainValues(plainAttributes(attributes));
  if ('status' in plain) plain.status = parseStatus(plain.status).status;
  return plain;
}
