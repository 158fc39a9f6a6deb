import { GetCommand, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { Deps } from '../aws/deps.ts';
import type { Pacer } from '../flow/pacer.ts';
import { runResumable } from '../flow/resumable.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { field, Refused } from '../text/refused.ts';
import { type ApplyDeps, applyTasks, type Decision, type HeadTask } from './apply.ts';
import { changesOf } from './counter-kinds.ts';
import { countedClass, countedSender, type Head, headOfRecord, isCountedAsItStands } from './head.ts';
import { replaceHead } from './head-writes.ts';
import { headKey } from './items.ts';
import { readPresentHeads } from './present-heads.ts';
import { renewHeads } from './renew-heads.ts';
import { learn, nothingSeen, type Seen, traitsOf } from './seen.ts';
import { ruleOf } from './sender-counts.ts';
import { createWriter, MOST_SLOTS } from './writer.ts';

/** What a rebuild needs. */
export type RebuildDeps = ApplyDeps & Pick<Deps, 'tracking'>;

/** A part of the tracking table that is rebuilt on its own: one segment of a parallel scan. */
export interface RebuildSegment {
  /** The id of the entire rebuild; the same id resumes an interrupted one. */
  readonly id: string;
  readonly segment: number;
  readonly segments: number;
}

/** The progress of a segment. */
export interface SegmentProgress {
  /** Records read, including locks. */
  readonly scanned: number;
  /** Heads that were missing and were written. */
  readonly inserted: number;
  /** Heads of an older version that are now counted by their current state; unknown for a rebuild that an older version began. */
  readonly renewed?: number;
  /** Records whose head the projection table can never accept: they stay uncounted. */
  readonly refused: number;
  readonly done: boolean;
}

/** How much one run does. */
export interface SegmentRun {
  /** The most records per page. */
  readonly pageSize: number;
  /** Limits how many records are read per second, and so the load on both tables. */
  readonly pacer: Pacer;
  /** Asked after each page: whether this run has to stop there. */
  mustStop(): boolean;
  onPage?(progress: SegmentProgress): void;
}

interface SegmentState extends SegmentProgress {
  readonly segments: number;
  /** The key after which the scan continues. */
  readonly cursor?: Record<string, unknown> | undefined;
}

/**
 * Gives a head to every record of a segment that has none, until the end or until the run must stop; the next run then
 * resumes from there. It is safe while the stream flows, and when several rebuilds run at once: an existing head never moves,
 * and a new one has the lowest position of all. Heads from an older version are counted again by their current state.
 *
 * @throws if a head could not be written; the next run then repeats its page
 */
export async function rebuildSegment(
  segment: RebuildSegment,
  run: SegmentRun,
  deps: RebuildDeps,
): Promise<SegmentProgress> {
  const save = (state: SegmentState) => writeState(segment, state, deps);
  // Segments run at the same time, so each begins in a slot of its own.
  const start = { slots: [segment.segment % MOST_SLOTS], width: segment.segments };
  const own = {
    ...deps,
    writer: deps.writer ?? createWriter(deps.random, start),
    seen: nothingSeen(deps.tracking.senderPath),
  };
  const { state } = await runResumable<SegmentState, void>(
    {
      load: () => readState(segment, deps),
      begin: () => ({ segments: segment.segments, scanned: 0, inserted: 0, refused: 0, done: false }),
      step: async (before) => {
        if (before.done) return { state: before, isLast: true };
        await run.pacer.ready();
        const after = await rebuildPage(segment, before, run.pageSize, own);
        run.pacer.used(after.scanned - before.scanned);
        run.onPage?.(after);
        return { state: after, isLast: after.done };
      },
      save,
      finish: save,
    },
    run,
  );
  return state;
}

/** What a segment has seen is its own: several that share it would overwrite each other's numbers of senders. */
type OwnDeps = RebuildDeps & { readonly seen: Seen };

async function rebuildPage(
  segment: RebuildSegment,
  before: SegmentState,
  pageSize: number,
  deps: OwnDeps,
): Promise<SegmentState> {
  const { records, cursor } = await scanPage(segment, before, pageSize, deps);
  const { inserted, refused, renewed = 0 } = await insertMissing(records, deps);
  return {
    segments: segment.segments,
    scanned: before.scanned + records.length,
    inserted: before.inserted + inserted,
    refused: before.refused + refused,
    renewed: (before.renewed ?? 0) + renewed,
    done: cursor === undefined,
    cursor,
  };
}

/** The refusal of a rebuild that was started with another number of segments. */
export function otherSegments(id: string, begun: number, asked: number): Refused {
  return new Refused(
    'REBUILD_SEGMENTS',
    `Rebuild ${id} was started with ${begun} segments, not ${asked}.`,
    `Continue with ${field('segments')} ${begun}, or use another id.`,
  );
}

/** @throws if the id belongs to a rebuild with another number of segments */
async function readState(
  segment: RebuildSegment,
  { projection }: Pick<Deps, 'projection'>,
): Promise<SegmentState | undefined> {
  const { Item } = await projection.docs.send(
    new GetCommand({ TableName: projection.name, Key: stateKey(segment), ConsistentRead: true }),
  );
  const state = Item as SegmentState | undefined;
  if (!state || state.segments === segment.segments) return state;
  throw otherSegments(segment.id, state.segments, segment.segments);
}

async function scanPage(
  { segment, segments }: RebuildSegment,
  { cursor }: SegmentState,
  pageSize: number,
  { tracking }: RebuildDeps,
): Promise<{ records: TrackingRecord[]; cursor: Record<string, unknown> | undefined }> {
  // Slightly stale data does no harm: the stream record that corrects it is still to be applied.
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

/** @throws if a head could not be written now, but may be later */
async function insertMissing(
  records: readonly TrackingRecord[],
  deps: OwnDeps,
): Promise<Pick<SegmentProgress, 'inserted' | 'refused' | 'renewed'>> {
  const { projection, tracking, now } = deps;
  const { usualSuffixes } = tracking;
  const { places, senderIdOf } = await learn(projection, traitsOf(records, now), { ...deps, usualSuffixes });
  const heads = records.flatMap((record) => headOfRecord(record, now, places, senderIdOf) ?? []);
  const tasks = heads.map((head) => rebuildTask(projection.name, head));
  const present = await readPresentHeads(deps, tasks);
  const missing = tasks.filter((task) => !present.has(JSON.stringify(headKey(task))));
  const applied = await applyTasks<Rebuilt, HeadTask<Rebuilt>>(missing, deps);
  const failed = applied.find(({ kind }) => kind === 'unapplied');
  if (failed && 'error' in failed) throw failed.error;
  const outdated = heads.filter((head) => {
    const there = present.get(JSON.stringify(headKey(head)));
    return there && isOutdated(there, head);
  });
  return {
    inserted: applied.filter((result) => result.kind === 'done' && result.outcome === 'inserted').length,
    renewed: await renewHeads(outdated, deps),
    refused: applied.filter(({ kind }) => kind === 'rejected').length,
  };
}

/** Whether a head is not counted as its record says: by rules of an older version or profile, or as `other` for lack of room. */
function isOutdated(there: Head, ofRecord: Head): boolean {
  if (!isCountedAsItStands(there, ruleOf(countedSender(ofRecord)))) return true;
  if (countedSender(there) !== countedSender(ofRecord)) return true;
  return there.status === ofRecord.status && countedClass(there) !== countedClass(ofRecord);
}

async function writeState(
  segment: RebuildSegment,
  state: SegmentState,
  { projection }: Pick<Deps, 'projection'>,
): Promise<void> {
  const item = { ...stateKey(segment), ...state };
  await projection.docs.send(new PutCommand({ TableName: projection.name, Item: item }));
}

/** The key of a segment's progress. */
export function stateKey({ id, segment }: Pick<RebuildSegment, 'id' | 'segment'>) {
  return { pk: `REBUILD#${id}`, sk: String(segment).padStart(4, '0') };
}

/** What a rebuild did for one record: it never moves an existing head, not even a tombstone. */
export type Rebuilt = 'inserted' | 'present';

/** The task of giving a record its head if it has none; nothing for a lock. */
function rebuildTask(table: string, head: Head): HeadTask<Rebuilt> {
  const insert: Decision<Rebuilt> = {
    outcome: 'inserted',
    write: {
      items: replaceHead(table, head, undefined),
      // The files already existed: nothing has arrived.
      changes: changesOf({ ...head, before: undefined, after: head, arrivals: [], steps: [] }),
      asOf: undefined,
    },
  };
  return {
    entity: head.entity,
    date_prefix: head.date_prefix,
    file_key: head.file_key,
    blind: () => insert,
    needsPages: () => false,
    decide: (seen: Head | undefined) => (seen ? { outcome: 'present' } : insert),
  };
}
