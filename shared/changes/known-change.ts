import type { Change } from './change.ts';
import { readChange } from './change-table.ts';
import type { ChangeContext } from './context.ts';
import { refuseOtherTable } from './plan-checks.ts';
import { ChangeRefused } from './refused.ts';

/**
 * A change that is to be gone on with or undone.
 *
 * @throws ChangeRefused when there is none of that id, or it changed another table
 */
export async function requireChange({ tracking, projection }: ChangeContext, id: string): Promise<Change> {
  const change = await readChange(projection, id);
  if (!change) {
    throw new ChangeRefused(
      'CHANGE_NOT_FOUND',
      `There is no change ${id}.`,
      'List the changes to find its id; each environment has its own.',
    );
  }
  refuseOtherTable(change, { table: tracking.name });
  return change;
}
