import { pages } from '../flow/pages.ts';
import { utcText } from '../text/time-text.ts';
import type { Change } from './change.ts';
import { listChanges, readChange } from './change-table.ts';
import type { ChangeDeps } from './context.ts';
import type { StoredPlan } from './plan-table.ts';

type Reads = Pick<ChangeDeps, 'projection'>;

/** The change that a stored plan was applied as, whatever became of it; undefined where it has not been applied. */
export async function begunChange(
  { projection }: Reads,
  plan: Pick<StoredPlan, 'id' | 'digest'>,
): Promise<Change | undefined> {
  const change = await readChange(projection, plan.id);
  return change?.digest === plan.digest ? change : undefined;
}

/**
 * For people, of a change that was begun before: when and by whom, how it ended, and whether it was undone since. Pure.
 *
 * @param undo from `undoOf`
 */
export function begunText({ state, createdAt, actor }: Change, undo: Change | undefined): string {
  const isDone = state === 'done';
  const begun = `It was ${isDone ? 'applied' : 'begun'} already, at ${utcText(createdAt)} by ${actor.identity}`;
  return `${begun}${isDone ? '' : `, and is ${state}`}.${undo ? ` ${undoText(undo)}` : ''}`;
}

function undoText({ id, state, createdAt }: Change): string {
  const at = utcText(createdAt);
  return state === 'done'
    ? `It was undone at ${at} by the change ${id}.`
    : `Its undo, the change ${id} of ${at}, is ${state}.`;
}

/** The latest undo of a change; undefined where there is none. It reads only the changes that came later. */
export async function undoOf(reads: Reads, { id }: Pick<Change, 'id'>): Promise<Change | undefined> {
  return (await undosOf(reads, [id])).byUndone.get(id);
}

/** Which of some changes were undone. */
export interface Undos {
  /** The latest undo of each, by the id of the change that it undoes. */
  readonly byUndone: ReadonlyMap<string, Change>;
  /** Whether all that came later were looked through: if not, the others may have been undone, too. */
  readonly isComplete: boolean;
}

/**
 * The undos of some changes. It reads only the changes that came later.
 *
 * @param most how many changes it looks through, from the newest; all when left out
 */
export async function undosOf(
  { projection }: Reads,
  ids: readonly string[],
  most = Number.POSITIVE_INFINITY,
): Promise<Undos> {
  const wanted = new Set(ids);
  const byUndone = new Map<string, Change>();
  let looked = 0;
  for await (const { changes } of pages((after?: string) => listChanges(projection, 100, after)))
    for (const each of changes) {
      const isLater = ids.some((id) => each.id > id && !byUndone.has(id));
      if (!isLater || looked >= most) return { byUndone, isComplete: !isLater };
      looked += 1;
      if (each.undoes !== undefined && wanted.has(each.undoes) && !byUndone.has(each.undoes))
        byUndone.set(each.undoes, each);
    }
  return { byUndone, isComplete: true };
}
