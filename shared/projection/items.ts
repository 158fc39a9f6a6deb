import { createHash } from 'node:crypto';
import { type LifecycleEvent, statusAfter } from '../pipeline/lifecycle.ts';
import { type Entity, entityOf } from '../pipeline/record.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import type { Counted } from './counter-kind.ts';
import type { Head } from './head.ts';
import type { TimelineEvent } from './transition.ts';

/** The key of an item in the projection table. */
export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** Heads of one date are spread over this many partitions; changing it means rebuilding the projection. */
export const STRIPES = 8;

const PARTITION: Readonly<Record<Entity, string>> = { file: 'FILE', manifest: 'MANIFEST' };

export function headKey({ date_prefix, file_key }: RecordKey): ItemKey {
  const entity = entityOf({ date_prefix, file_key });
  const stripe = (createHash('sha256').update(file_key).digest()[0] ?? 0) % STRIPES;
  return { pk: headPartition(entity, date_prefix, stripe), sk: file_key };
}

/** All partitions that hold heads of a date. */
export function headPartitions(date_prefix: string): { entity: Entity; pk: string }[] {
  const stripes = Array.from({ length: STRIPES }, (_, stripe) => stripe);
  return (['file', 'manifest'] as const).flatMap((entity) =>
    stripes.map((stripe) => ({ entity, pk: headPartition(entity, date_prefix, stripe) })),
  );
}

function headPartition(entity: Entity, date_prefix: string, stripe: number): string {
  return `${PARTITION[entity]}#${date_prefix}#${stripe}`;
}

/** Pages are numbered from 0, in the order they were filled. */
export function pageKey(id: RecordKey, page: number): ItemKey {
  return { pk: pagePartition(id), sk: String(page).padStart(6, '0') };
}

export function pagePartition({ date_prefix, file_key }: RecordKey): string {
  return `PAGE#${date_prefix}#${file_key}`;
}

/** An event as stored: names of one letter, because a head must stay under 1 KB with six of them. */
interface StoredEvent {
  readonly e: LifecycleEvent;
  readonly t: string;
  readonly p: string;
  /** Only if the event does not determine the status. */
  readonly s?: string;
  readonly c?: string;
  readonly a?: string;
  readonly r?: string;
  readonly m?: string;
  readonly x?: string;
  readonly j?: string;
}

export function storeEvent(event: TimelineEvent): StoredEvent {
  return {
    e: event.event,
    t: event.time,
    p: event.position,
    ...(event.status !== statusAfter(event.event) && { s: event.status }),
    ...(event.changeId !== undefined && { c: event.changeId }),
    ...(event.actor !== undefined && { a: event.actor }),
    ...(event.reason !== undefined && { r: event.reason }),
    ...(event.manifest !== undefined && { m: event.manifest }),
    ...(event.error !== undefined && { x: event.error }),
    ...(event.run !== undefined && { j: event.run }),
  };
}

export function readEvent(stored: StoredEvent): TimelineEvent {
  return {
    event: stored.e,
    status: stored.s ?? statusAfter(stored.e),
    time: stored.t,
    position: stored.p,
    ...(stored.c !== undefined && { changeId: stored.c }),
    ...(stored.a !== undefined && { actor: stored.a }),
    ...(stored.r !== undefined && { reason: stored.r }),
    ...(stored.m !== undefined && { manifest: stored.m }),
    ...(stored.x !== undefined && { error: stored.x }),
    ...(stored.j !== undefined && { run: stored.j }),
  };
}

/** A head as the projection table holds it. */
export interface HeadItem extends ItemKey {
  readonly status: string;
  readonly since: string;
  readonly position: string;
  readonly events: readonly StoredEvent[];
  readonly pages?: number;
  readonly revision: number;
  readonly expires_at?: number;
  /** Where it is counted, by kind of counter. */
  readonly c?: Counted;
}

/** A timeline page as the projection table holds it; an expired one may remain as a stub without events. */
export interface PageItem extends ItemKey {
  readonly events?: readonly StoredEvent[];
}

export function headItem(head: Head): HeadItem {
  return {
    ...headKey(head),
    status: head.status,
    since: head.since,
    position: head.position,
    events: head.events.map(storeEvent),
    ...(head.pages > 0 && { pages: head.pages }),
    revision: head.revision,
    ...(head.counted !== undefined && { c: head.counted }),
    ...(head.expiresAt !== undefined && { expires_at: head.expiresAt }),
  };
}

/** The head in an item; the partition key includes its entity and date. */
export function readHeadItem(item: HeadItem): Head {
  const [partition = '', ...rest] = item.pk.split('#');
  return {
    entity: partition === PARTITION.manifest ? 'manifest' : 'file',
    date_prefix: rest.slice(0, -1).join('#'),
    file_key: item.sk,
    status: item.status,
    since: item.since,
    position: item.position,
    events: item.events.map(readEvent),
    pages: item.pages ?? 0,
    revision: item.revision,
    ...(item.c !== undefined && { counted: item.c }),
    ...(item.expires_at !== undefined && { expiresAt: item.expires_at }),
  };
}
