import { isDeepStrictEqual } from 'node:util';
import pMap from 'p-map';
import type { Deps } from '../aws/deps.ts';
import { entityOf } from '../pipeline/record.ts';
import { keyOf, type RecordKey, readRecord } from '../pipeline/tracking-table.ts';
import { type ApplyDeps, applyTasks, type Decision, type HeadTask } from './apply.ts';
import { changesOf } from './counter-kinds.ts';
import { asCounted, countedClass, countedSender, type Head, headOfRecord, liveHead } from './head.ts';
import { replaceHead } from './head-writes.ts';
import { learnOnce } from './seen.ts';

/** A head that may have to be counted again, and what its record says; a record with another status does not apply. */
export interface Renewal extends RecordKey, Partial<Pick<Head, 'status' | 'counted'>> {}

type Renewed = 'renewed' | 'passed';

/**
 * Counts heads again by their current state, and by the failure class and the sender of their record, if an older version
 * counted them only by status or by an earlier state. Nothing else in them changes. It is safe while the stream flows: heads
 * that have moved in the meantime are left unchanged.
 *
 * @returns how many were renewed
 * @throws if one could not be written now, but may be later
 */
export async function renewHeads(heads: readonly Renewal[], deps: ApplyDeps): Promise<number> {
  const tasks = heads.map((head) => renewal(deps.projection.name, head));
  const applied = await applyTasks<Renewed, HeadTask<Renewed>>(tasks, deps);
  const failed = applied.find(({ kind }) => kind === 'unapplied');
  if (failed && 'error' in failed) throw failed.error;
  return applied.filter((result) => result.kind === 'done' && result.outcome === 'renewed').length;
}

const CONCURRENT_READS = 16;

/** The same for heads whose records still have to be read. */
export async function renewByRecords(
  keys: readonly RecordKey[],
  deps: ApplyDeps & Pick<Deps, 'tracking'>,
): Promise<number> {
  const { tracking, now } = deps;
  const read = await pMap(keys, (key) => readRecord(tracking, key), { concurrency: CONCURRENT_READS });
  const records = read.flatMap((record) => record ?? []);
  const { places, senderIdOf } = await learnOnce(records, deps);
  const heads = records.flatMap((record) => headOfRecord(record, now, places, senderIdOf) ?? []);
  const found = new Map(heads.map((head) => [JSON.stringify(keyOf(head)), head]));
  return renewHeads(
    keys.map((key) => found.get(JSON.stringify(keyOf(key))) ?? key),
    deps,
  );
}

function renewal(table: string, ofRecord: Renewal): HeadTask<Renewed> {
  return {
    ...keyOf(ofRecord),
    entity: entityOf(ofRecord),
    // It must be read: what it was counted as must be subtracted.
    blind: () => undefined,
    needsPages: () => false,
    decide: (head): Decision<Renewed> => {
      const next = head && renewed(head, ofRecord);
      if (!next || isDeepStrictEqual(next.counted, head.counted)) return { outcome: 'passed' };
      return { outcome: 'renewed', write: renew(table, head, next) };
    },
  };
}

function renewed(head: Head, ofRecord: Renewal): Head {
  const isSame = head.status === ofRecord.status;
  return asCounted(
    { ...head, revision: head.revision + 1 },
    {
      classId: (isSame ? countedClass(ofRecord) : undefined) ?? countedClass(head),
      // The record's path gives the sender, whatever the status. Without a record, the sender is unknown.
      senderId: ofRecord.status === undefined ? countedSender(head) : countedSender(ofRecord),
    },
  );
}

function renew(table: string, head: Head, next: Head) {
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
