import { BatchGetCommand, GetCommand, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { TrackingRecord, TrackingTable } from '../pipeline/tracking-table.ts';
import { type ApplyContext, applyTasks, type Decision, type HeadTask } from './apply.ts';
import { moveDelta } from './counters.ts';
import { registerDates } from './dates.ts';
import { type Head, headOfRecord, suffixesOf } from './head.ts';
import { replaceHead } from './head-writes.ts';
import { headKey, type RecordId } from './items.ts';
import type { ProjectionTable } from './projection-table.ts';
import type { Entity } from './transition.ts';

/** What a rebuild works on. */
export interface RebuildContext extends ApplyContext {
  readonly tracking: TrackingTable;
  /** Dates this process has noted; added to. */
  readonly registeredDates: Set<string>;
}

/** A part of the tracking table that is rebuilt on its own: one segment of a parallel scan. */
export interface RebuildUnit {
  /** Of the whole rebuild; the same id goes on where an interrupted one stopped. */
  readonly id: string;
  readonly segment: number;
  readonly segments: number;
}

/** How far a unit has come. */
export interface UnitProgress {
  /** Records read, locks among them. */
  readonly scanned: number;
  /** Heads that were missing and were written. */
  readonly inserted: number;
  /** Records whose head the projection table can never take: they stay uncounted. */
  readonly refused: number;
  readonly done: boolean;
}

interface UnitState extends UnitProgress {
  readonly segments: number;
  /** The key after which the scan goes on. */
  readonly cursor?: Record<string, unknown> | undefined;
}

/**
 * Does one page of a unit and notes how far it came: gives a head to every record that has none. Safe while
 * the stream flows, and when several rebuilds run at once: a head that is there is never touched, and one
 * that is written has the lowest position of all.
 *
 * @param pageSize how many records to read at most
 * @throws when a head could not be written; the page is then done again the next time
 */
export async function rebuildPage(
  unit: RebuildUnit,
  pageSize: number,
  context: RebuildContext,
): Promise<UnitProgress> {
  const before = await readUnit(unit, context);
  if (before.done) return before;
  const { records, cursor } = await scanPage(unit, before, pageSize, context);
  const { inserted, refused } = await insertMissing(records, context);
  const after: UnitState = {
    segments: unit.segments,
    scanned: before.scanned + records.length,
    inserted: before.inserted + inserted,
    refused: before.refused + refused,
    done: cursor === undefined,
    cursor,
  };
  await writeUnit(unit, after, context);
  return after;
}

/** How far a unit has come so far. @throws when the id belongs to a rebuild in another number of segments */
export async function readUnit(unit: RebuildUnit, { table }: ApplyContext): Promise<UnitState> {
  const { Item } = await table.docs.send(
    new GetCommand({ TableName: table.name, Key: unitKey(unit), ConsistentRead: true }),
  );
  if (!Item) return { segments: unit.segments, scanned: 0, inserted: 0, refused: 0, done: false };
  const state = Item as UnitState;
  if (state.segments === unit.segments) return state;
  throw new Error(
    `Rebuild ${unit.id} was begun in ${state.segments} segments, not ${unit.segments}: go on with as many, or begin another id.`,
  );
}

async function scanPage(
  { segment, segments }: RebuildUnit,
  { cursor }: UnitState,
  pageSize: number,
  { tracking }: RebuildContext,
): Promise<{ records: TrackingRecord[]; cursor: Record<string, unknown> | undefined }> {
  // A moment's staleness does no harm: the stream record that would correct it has yet to be applied.
  const { Items = [], LastEvaluatedKey } = await tracking.docs.send(
    new ScanCommand({
      TableName: tracking.name,
      Segment: segment,
      TotalSegments: segments,
      Limit: pageSize,
      ExclusiveStartKey: cursor,
    }),
  );
  return { records: Items as TrackingRecord[], cursor: LastEvaluatedKey };
}

/** @throws when a head may be written later, but could not be now */
async function insertMissing(
  records: readonly TrackingRecord[],
  context: RebuildContext,
): Promise<Pick<UnitProgress, 'inserted' | 'refused'>> {
  const { table } = context;
  const tasks = records.flatMap((record) => rebuildTask(table.name, record) ?? []);
  await registerDates(
    table,
    tasks.map(({ datePrefix }) => datePrefix),
    context.registeredDates,
  );
  const present = await readHeadKeys(table, tasks);
  const missing = tasks.filter((task) => !present.has(JSON.stringify(headKey(task.entity, task))));
  const applied = await applyTasks<Rebuilt, HeadTask<Rebuilt>>(missing, context);
  const failed = applied.find(({ kind }) => kind === 'unapplied');
  if (failed && 'error' in failed) throw failed.error;
  return {
    inserted: applied.filter((result) => result.kind === 'settled' && result.outcome === 'inserted').length,
    refused: applied.filter(({ kind }) => kind === 'rejected').length,
  };
}

async function writeUnit(unit: RebuildUnit, state: UnitState, { table }: ApplyContext): Promise<void> {
  await table.docs.send(new PutCommand({ TableName: table.name, Item: { ...unitKey(unit), ...state } }));
}

function unitKey({ id, segment }: RebuildUnit) {
  return { pk: `REBUILD#${id}`, sk: String(segment).padStart(4, '0') };
}

/** What a rebuild did for one record: it never touches a head that is there, not even a tombstone. */
export type Rebuilt = 'inserted' | 'present';

/** The task of giving a record its head if it has none; nothing for a lock. */
export function rebuildTask(table: string, record: TrackingRecord): HeadTask<Rebuilt> | undefined {
  const head = headOfRecord(record);
  if (!head) return undefined;
  const insert: Decision<Rebuilt> = {
    outcome: 'inserted',
    write: {
      datePrefix: head.datePrefix,
      items: replaceHead(table, head, undefined),
      // The files were there before: nothing has arrived.
      delta: moveDelta(head.entity, undefined, head.status, []),
      suffixes: suffixesOf(record),
      asOf: undefined,
    },
  };
  return {
    entity: head.entity,
    datePrefix: head.datePrefix,
    fileKey: head.fileKey,
    blind: () => insert,
    needsPages: () => false,
    decide: (seen: Head | undefined) => (seen ? { outcome: 'present' } : insert),
  };
}

const KEYS_PER_REQUEST = 100;

/**
 * Which heads exist, as JSON of their keys: half a read unit each, where finding out by a failed condition
 * would cost the write units of a whole transaction.
 */
export async function readHeadKeys(
  table: ProjectionTable,
  ids: readonly (RecordId & { readonly entity: Entity })[],
): Promise<Set<string>> {
  const present = new Set<string>();
  const keys = ids.map((id) => headKey(id.entity, id));
  for (let from = 0; from < keys.length; from += KEYS_PER_REQUEST) {
    let wanted: Record<string, unknown>[] = keys
      .slice(from, from + KEYS_PER_REQUEST)
      .map((key) => ({ ...key }));
    while (wanted.length > 0) {
      const { Responses, UnprocessedKeys } = await table.docs.send(
        new BatchGetCommand({
          RequestItems: { [table.name]: { Keys: wanted, ProjectionExpression: 'pk, sk' } },
        }),
      );
      for (const { pk, sk } of Responses?.[table.name] ?? []) present.add(JSON.stringify({ pk, sk }));
      wanted = UnprocessedKeys?.[table.name]?.Keys ?? [];
    }
  }
  return present;
}
