import type { TrackingRecord } from '../files/tracking-table.ts';
import type { Decision, HeadTask } from './apply.ts';
import { moveDelta } from './counters.ts';
import { driftOf } from './drift.ts';
import { type Head, liveStatus, REMOVED, tombstoneExpiry } from './head.ts';
import { replaceHead } from './head-writes.ts';
import type { RecordId } from './items.ts';
import { headOfRecord, sinceOf, suffixesOf } from './record-head.ts';
import type { Entity } from './transition.ts';

/** What a repair did: a head that moved since it was looked at is left to the stream. */
export type Repaired = 'repaired' | 'agrees' | 'moved';

/** One look at a head and, after it, at its record. */
export interface Look extends RecordId {
  readonly entity: Entity;
  readonly head: Head | undefined;
  readonly record: TrackingRecord | undefined;
}

/**
 * The task of making a head agree with its record, as both were seen: the head first, the record after it.
 * The head keeps its position, so every stream record still to come is applied on top.
 *
 * @param now milliseconds since the epoch, for a tombstone's expiry
 */
export function repairTask(table: string, look: Look, now: number): HeadTask<Repaired> {
  const decide = (head: Head | undefined): Decision<Repaired> =>
    head?.revision === look.head?.revision ? repair(table, look, now) : { outcome: 'moved' };
  return {
    entity: look.entity,
    datePrefix: look.datePrefix,
    fileKey: look.fileKey,
    blind: () => decide(look.head),
    needsPages: () => false,
    decide,
  };
}

function repair(table: string, { entity, datePrefix, head, record }: Look, now: number): Decision<Repaired> {
  const next = nextHead(head, record, now);
  if (!next || !driftOf(head, record)) return { outcome: 'agrees' };
  return {
    outcome: 'repaired',
    write: {
      datePrefix,
      items: replaceHead(table, next, head),
      delta: moveDelta(entity, liveStatus(head), liveStatus(next), []),
      suffixes: record ? suffixesOf(record) : [],
      asOf: undefined,
    },
  };
}

/** A head without a record becomes a tombstone: the record's removal may still be on its way. */
function nextHead(head: Head | undefined, record: TrackingRecord | undefined, now: number): Head | undefined {
  const fresh = record && headOfRecord(record);
  if (!head) return fresh;
  const { expiresAt: _, ...kept } = head;
  const revision = head.revision + 1;
  if (!fresh || !record) return { ...kept, status: REMOVED, revision, expiresAt: tombstoneExpiry(now) };
  return { ...kept, status: fresh.status, since: sinceOf(record, fresh.status) || head.since, revision };
}
