import { entityOf } from '../pipeline/record.ts';
import { keyOf, type RecordKey } from '../pipeline/tracking-table.ts';
import { type ApplyDeps, applyTasks, type Decision, type HeadTask } from './apply.ts';
import { changesOf } from './counter-kinds.ts';
import { asCounted, type Head, isCountedAsItStands, liveHead } from './head.ts';
import { replaceHead } from './head-writes.ts';

type Renewed = 'renewed' | 'passed';

/**
 * Counts heads as they stand which an older version wrote and counted by their status alone, or left counted as they
 * stood before. Nothing else of them changes. Safe while the stream flows: what moved meanwhile is left as it is.
 *
 * @returns how many were renewed
 * @throws when one could not be written now, and may be later
 */
export async function renewHeads(keys: readonly RecordKey[], deps: ApplyDeps): Promise<number> {
  const tasks = keys.map((key) => renewal(deps.projection.name, keyOf(key)));
  const applied = await applyTasks<Renewed, HeadTask<Renewed>>(tasks, deps);
  const failed = applied.find(({ kind }) => kind === 'unapplied');
  if (failed && 'error' in failed) throw failed.error;
  return applied.filter((result) => result.kind === 'done' && result.outcome === 'renewed').length;
}

function renewal(table: string, key: RecordKey): HeadTask<Renewed> {
  return {
    ...key,
    entity: entityOf(key),
    // It has to be read: what it was counted as is what is subtracted.
    blind: () => undefined,
    needsPages: () => false,
    decide: (head): Decision<Renewed> =>
      head && !isCountedAsItStands(head)
        ? { outcome: 'renewed', write: renew(table, head) }
        : { outcome: 'passed' },
  };
}

function renew(table: string, head: Head) {
  const next = asCounted({ ...head, revision: head.revision + 1 });
  const { entity, date_prefix } = head;
  const move = {
    entity,
    date_prefix,
    before: liveHead(head),
    after: liveHead(next),
    arrivals: [],
    steps: [],
  };
  return { items: replaceHead(table, next, head), changes: changesOf(move), asOf: undefined };
}
