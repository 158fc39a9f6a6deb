import { createHash } from 'node:crypto';
import { marshall } from '@aws-sdk/util-dynamodb';
import { clearExpiredLock, type Lock } from '../pipeline/locks.ts';
import { keyOf } from '../pipeline/tracking-table.ts';
import { isoTime } from '../text/time.ts';
import { type FileResult, LOCKS_ORIGIN } from './change.ts';
import { markChangeFile, putChangeFile } from './change-file-table.ts';
import { createChange, moveChange } from './change-table.ts';
import type { ChangeDeps, ChangeRequest } from './context.ts';

/** A lock, and whether it was cleared; one that was taken again in the meantime was not. */
export interface ClearedLock {
  readonly lock: Lock;
  readonly cleared: boolean;
}

/**
 * Clears expired locks, each only if it is still as it was read. This is recorded as a change, which shows who cleared
 * what and why, but there is nothing to resume and nothing to undo: the next builder takes its lock as if nothing had
 * been there.
 *
 * @param signal ends it between two locks
 */
export async function* clearLocks(
  deps: ChangeDeps,
  locks: readonly Lock[],
  request: ChangeRequest,
  signal: AbortSignal,
): AsyncGenerator<ClearedLock, void> {
  const { tracking, projection, now } = deps;
  const keys = locks.map(({ record }) => keyOf(record));
  await createChange(projection, {
    ...request,
    state: 'done',
    origin: LOCKS_ORIGIN,
    createdAt: isoTime(now),
    table: tracking.name,
    files: locks.length,
    digest: createHash('sha256').update(JSON.stringify(keys)).digest('hex'),
  });
  const counts = { applied: 0, skipped: 0, failed: 0 };
  try {
    for (const lock of locks) {
      if (signal.aborted) break;
      const cleared = await clearLock(deps, request.id, lock);
      counts[cleared ? 'applied' : 'skipped'] += 1;
      yield { lock, cleared };
    }
  } finally {
    // A list that ends early closes this at its `yield`.
    await moveChange(projection, request.id, { from: ['done'], state: 'done', counts });
  }
}

async function clearLock(
  { tracking, projection, now }: ChangeDeps,
  changeId: string,
  lock: Lock,
): Promise<boolean> {
  const { date_prefix, file_key, ...rest } = lock.record;
  const key = { date_prefix, file_key };
  const before = marshall(rest, { removeUndefinedValues: true });
  await putChangeFile(projection, changeId, {
    key,
    before,
    after: {},
    why: 'the lock has expired',
    forced: false,
  });
  const cleared = await clearExpiredLock(tracking, lock, now);
  const result: FileResult = cleared ? { kind: 'applied' } : { kind: 'skipped', differs: ['ttl'] };
  await markChangeFile(projection, changeId, key, result);
  return cleared;
}
