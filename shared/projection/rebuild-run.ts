import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import type { Table } from '../aws/deps.ts';
import { createPacer } from '../flow/pacer.ts';
import { Refused } from '../text/refused.ts';
import {
  otherSegments,
  type RebuildDeps,
  rebuildSegment,
  type SegmentProgress,
  stateKey,
} from './rebuild.ts';

/** How to run a complete rebuild in one process. */
export interface RebuildRun {
  /** The id of the rebuild: running it again with the same id resumes where it stopped. */
  readonly id: string;
  /** Parallel parts of the scan. */
  readonly segments: number;
  /** The most records read per second, over all segments. */
  readonly recordsPerSecond: number;
  /** Milliseconds since any fixed moment, for keeping the rate. */
  clock(): number;
  /** Ends the rebuild after the pages in flight; it can be resumed. */
  readonly signal?: AbortSignal | undefined;
  onProgress?(progress: RebuildProgress): void;
}

/** The sum over all segments. */
export interface RebuildProgress {
  readonly scanned: number;
  readonly inserted: number;
  /** Heads of an older version that are now counted by their current state. */
  readonly renewed: number;
  /** Records whose head the projection table can never accept. */
  readonly refused: number;
  readonly segmentsDone: number;
}

const LARGEST_PAGE = 200;

/** Rebuilds missing heads, with segments in parallel, page by page at a limited rate. */
export async function runRebuild(run: RebuildRun, deps: RebuildDeps): Promise<RebuildProgress> {
  const progress = new Map<number, SegmentProgress>();
  const pageSize = Math.max(1, Math.min(LARGEST_PAGE, Math.floor(run.recordsPerSecond)));
  const { recordsPerSecond: unitsPerSecond, clock } = run;
  const pacer = createPacer({ unitsPerSecond, clock, sleep: deps.sleep });
  const mustStop = () => run.signal?.aborted ?? false;
  const rebuild = async (segment: number) => {
    if (mustStop()) return;
    const onPage = (page: SegmentProgress) => {
      progress.set(segment, page);
      run.onProgress?.(sumOf(progress));
    };
    const part = { id: run.id, segment, segments: run.segments };
    progress.set(segment, await rebuildSegment(part, { pageSize, pacer, mustStop, onPage }, deps));
  };
  await pMap(Array.from({ length: run.segments }).keys(), rebuild, { concurrency: run.segments });
  return sumOf(progress);
}

function sumOf(states: ReadonlyMap<number, SegmentProgress>): RebuildProgress {
  const all = [...states.values()];
  return {
    scanned: all.reduce((sum, { scanned }) => sum + scanned, 0),
    inserted: all.reduce((sum, { inserted }) => sum + inserted, 0),
    renewed: all.reduce((sum, { renewed = 0 }) => sum + renewed, 0),
    refused: all.reduce((sum, { refused }) => sum + refused, 0),
    segmentsDone: all.filter(({ done }) => done).length,
  };
}

/**
 * Checks that a rebuild can be resumed, before anything is read.
 *
 * @throws Refused if no rebuild has this id, or it was started with another number of segments
 */
export async function assertResumable(
  projection: Table,
  { id, segments }: Pick<RebuildRun, 'id' | 'segments'>,
): Promise<void> {
  const { Items = [] } = await projection.docs.send(
    new QueryCommand({
      TableName: projection.name,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': stateKey({ id, segment: 0 }).pk },
      ConsistentRead: true,
      Limit: 1,
    }),
  );
  const [state] = Items;
  if (!state) {
    throw new Refused(
      'REBUILD_NOT_FOUND',
      `Received the id "${id}", which no rebuild has; allowed: one that an interrupted rebuild printed.`,
      'Nothing was read. Correct the id, or leave it out to start a new rebuild.',
    );
  }
  if (state.segments !== segments) throw otherSegments(id, state.segments, segments);
}

/** The most that a rebuild can cost, estimated before it begins. */
export interface RebuildEstimate {
  readonly records: number;
  readonly readUnits: number;
  readonly writeUnits: number;
  readonly seconds: number;
}

/**
 * @param records and bytes, from DescribeTable, which updates them about every six hours
 */
export function estimateRebuild(
  { records, bytes }: { records: number; bytes: number },
  recordsPerSecond: number,
): RebuildEstimate {
  return {
    records,
    // An eventually consistent scan reads 8 KB per unit; checking whether a head exists costs half a unit.
    readUnits: Math.ceil(bytes / 8_192 + records / 2),
    // A head in a transaction, and its share of the two counter items of 25 heads.
    writeUnits: Math.ceil(records * (2 + 4 / 25)),
    seconds: Math.ceil(records / recordsPerSecond),
  };
}
