import pMap from 'p-map';
import type { Deps } from '../aws/deps.ts';
import { type Entity, entityOf } from '../pipeline/record.ts';
import { parseStatus } from '../pipeline/status.ts';
import { keyOf, type RecordKey, readRecord, type TrackingRecord } from '../pipeline/tracking-table.ts';
import { type ApplyDeps, applyTasks, type Decision, type HeadTask } from './apply.ts';
import { changesOf } from './counter-kinds.ts';
import { type Drift, driftOf } from './drift.ts';
import { asCounted, countedIn, type Head, headOfRecord, liveHead, REMOVED, tombstoneExpiry } from './head.ts';
import { replaceHead } from './head-writes.ts';
import { readHead } from './projection-table.ts';
import { learnOnce, type Places } from './seen.ts';

/** What a repair needs. */
export type RepairDeps = ApplyDeps & Pick<Deps, 'tracking'>;

/** The result for one record. */
export interface RepairResult extends RecordKey {
  readonly drift: Drift;
  /** `passed` if the difference was gone, or was a different one, after the wait. */
  readonly outcome: Repaired | 'passed' | 'failed';
  readonly error?: unknown;
}

const CONCURRENT_LOOKS = 16;

/**
 * Makes the heads of these records agree with them, if they have disagreed for longer than the stream may be behind. It looks
 * twice, some time apart; only a difference that both looks show is repaired, under the condition that the head has not
 * changed since the second look.
 *
 * @param waitMillis how long a difference may just be the stream's normal lag
 * @returns one result for each record that the first look found in disagreement
 */
export async function repairRecords(
  keys: readonly RecordKey[],
  waitMillis: number,
  deps: RepairDeps,
): Promise<RepairResult[]> {
  const first = await lookAt(keys, deps);
  const drifted = first.filter(({ head, record }) => driftOf(head, record));
  if (drifted.length === 0) return [];
  await deps.sleep(waitMillis);
  const second = await lookAt(drifted.map(keyOf), deps);
  const pairs = drifted.map((before, i) => ({ before, now: second[i] as Look }));
  const lasting = pairs.filter(({ before, now }) => isSame(before, now)).map(({ now }) => now);
  const records = lasting.flatMap(({ record }) => record ?? []);
  const places = await learnOnce(records, deps);
  const tasks = lasting.map((look) => repairTask(deps.projection.name, { ...look, ...places }, deps.now));
  const applied = await applyTasks<Repaired, HeadTask<Repaired>>(tasks, deps);
  const outcomes = new Map(
    applied.map((result) => [JSON.stringify(keyOf(result.task)), resultOf(result)] as const),
  );
  return drifted.map((look) => {
    const key = keyOf(look);
    const drift = driftOf(look.head, look.record) as Drift;
    return { ...key, drift, ...(outcomes.get(JSON.stringify(key)) ?? { outcome: 'passed' as const }) };
  });
}

/** Reads the head before its record, so that a change in between shows as a newer record, never as a newer head. */
function lookAt(keys: readonly RecordKey[], { projection, tracking }: RepairDeps): Promise<Look[]> {
  return pMap(
    keys,
    async (key) => {
      const head = await readHead(projection, key);
      return { ...keyOf(key), entity: entityOf(key), head, record: await readRecord(tracking, key) };
    },
    { concurrency: CONCURRENT_LOOKS },
  );
}

function isSame(before: Look, now: Look): boolean {
  const statusOf = ({ record }: Look) => record && parseStatus(record.status).status;
  return before.head?.revision === now.head?.revision && statusOf(before) === statusOf(now);
}

function resultOf(result: Awaited<ReturnType<typeof applyTasks<Repaired, HeadTask<Repaired>>>>[number]) {
  if (result.kind === 'done') return { outcome: result.outcome };
  return { outcome: 'failed' as const, error: result.error };
}

/** What a repair did; a head that has moved since it was read is left to the stream. */
export type Repaired = 'repaired' | 'agrees' | 'moved';

/** One look at a head and then at its record. */
export interface Look extends RecordKey {
  readonly entity: Entity;
  readonly head: Head | undefined;
  readonly record: TrackingRecord | undefined;
}

/** A look, with what failure classes and senders are counted as. */
type RepairedLook = Look & Places;

/**
 * The task of making a head agree with its record, as both were read: first the head, then the record. The head keeps its
 * position, so later stream records are applied on top.
 *
 * @param now milliseconds since the epoch, for a tombstone's expiry
 */
function repairTask(table: string, look: RepairedLook, now: number): HeadTask<Repaired> {
  const decide = (head: Head | undefined): Decision<Repaired> =>
    head?.revision === look.head?.revision ? repair(table, look, now) : { outcome: 'moved' };
  return {
    entity: look.entity,
    ...keyOf(look),
    blind: () => decide(look.head),
    needsPages: () => false,
    decide,
  };
}

function repair(table: string, look: RepairedLook, now: number): Decision<Repaired> {
  const { entity, date_prefix, head, record } = look;
  const next = nextHead(look, now);
  if (!next || !driftOf(head, record)) return { outcome: 'agrees' };
  return {
    outcome: 'repaired',
    write: {
      items: replaceHead(table, next, head),
      changes: changesOf({
        entity,
        date_prefix,
        before: liveHead(head),
        after: liveHead(next),
        arrivals: [],
        steps: [],
      }),
      asOf: undefined,
    },
  };
}

/** A head without a record becomes a tombstone: the record's removal may still be on its way. */
function nextHead({ head, record, places, senderIdOf }: RepairedLook, now: number): Head | undefined {
  const fresh = record && headOfRecord(record, now, places, senderIdOf);
  if (!head) return fresh;
  const { expiresAt: _, ...kept } = head;
  const revision = head.revision + 1;
  if (!fresh) return asCounted({ ...kept, status: REMOVED, revision, expiresAt: tombstoneExpiry(now) });
  // If the record does not say when it got this status, the time is unknown: the head's time belongs to another status.
  return asCounted({ ...kept, status: fresh.status, since: fresh.since, revision }, countedIn(fresh));
}
