import { isoTime } from '../text/time.ts';
import { createChange } from './change-table.ts';
import type { ChangeDeps, ChangeRequest } from './context.ts';

/**
 * Records who acknowledges or notes something, when and why, among the changes. No file is changed, so there is nothing
 * to resume and nothing to undo. It is recorded first, so that even an interrupted attempt shows who made it.
 *
 * @param origin the operation
 * @param about what was said, and about what
 */
export async function noteWord(
  { tracking, projection, now }: Pick<ChangeDeps, 'tracking' | 'projection' | 'now'>,
  origin: string,
  request: ChangeRequest,
  about: string,
): Promise<void> {
  await createChange(projection, {
    ...request,
    state: 'done',
    origin,
    about,
    createdAt: isoTime(now),
    table: tracking.name,
    files: 0,
    digest: `word by ${origin}`,
    counts: { applied: 0, skipped: 0, failed: 0 },
  });
}
