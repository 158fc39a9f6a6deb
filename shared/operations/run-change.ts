import type { RunOptions } from '../changes/context.ts';
import { ChangeRefused, type RefusalCode } from '../changes/refused.ts';
import { type OperationContext, type RefusalStatus, RequestRefused } from './operation.ts';

// A tracking table with on-demand capacity bears a multiple of it beside the pipeline's own writes.
const FILES_PER_SECOND = 200;
const CONCURRENCY = 16;

const STATUS_OF: Partial<Record<RefusalCode, RefusalStatus>> = {
  CHANGE_NOT_FOUND: 404,
  CHANGE_CLOSED: 409,
  PLAN_NEEDED: 409,
  NOTHING_TO_UNDO: 409,
};

/** How changes run within one invocation: at a bounded rate, and ended before it is cut off. */
export function runOptions({ signal }: OperationContext): RunOptions {
  return { concurrency: CONCURRENCY, ratePerSecond: FILES_PER_SECOND, signal };
}

/**
 * Waits for a change.
 *
 * @throws RequestRefused when the change was refused
 */
export async function orRefuse<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ChangeRefused)) throw error;
    throw new RequestRefused(STATUS_OF[error.code] ?? 400, error.code, error.message, error.hint);
  }
}

/** A change by one operation: who asks is known, and a reason that was not given is said to be missing. */
export function orderOf({ actor, newId }: OperationContext, operation: string, reason: string | undefined) {
  return { id: newId(), actor, reason: reason ?? `${operation} without a reason` };
}
