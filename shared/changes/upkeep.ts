import { isoTime } from '../text/time.ts';
import type { Change } from './change.ts';
import { createUpkeep } from './change-table.ts';
import type { ChangeDeps, ChangeRequest } from './context.ts';

/**
 * Records who maintains the projection, when and why, to be listed among the changes. It is about no file of the
 * pipeline, so there is nothing to resume and nothing to undo. It is recorded first, so that even an interrupted run
 * shows who started it.
 *
 * @param origin the runbook
 */
export async function noteUpkeep(
  { tracking, projection, now }: Pick<ChangeDeps, 'tracking' | 'projection' | 'now'>,
  origin: string,
  request: ChangeRequest,
): Promise<void> {
  const note: Change = {
    ...request,
    state: 'done',
    origin,
    createdAt: isoTime(now),
    table: tracking.name,
    files: 0,
    about: `${origin} was begun: this entry does not say how it ended`,
    digest: `upkeep by ${origin}`,
    counts: { applied: 0, skipped: 0, failed: 0 },
  };
  await createUpkeep(projection, note);
}
