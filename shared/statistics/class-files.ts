import type { Deps, Table } from '../aws/deps.ts';
import { failureOfFile } from '../pipeline/record-failure.ts';
import {
  cursorAfter,
  eachByStatus,
  type StatusCursor,
  type StatusPage,
  type StatusQuery,
} from '../pipeline/status-index.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { OTHER_CLASS } from '../projection/failure-counts.ts';
import { readKnownClasses } from '../projection/known-classes.ts';

/** Whether a file failed for a certain cause. */
export type IsOfClass = (record: TrackingRecord) => boolean;

/**
 * A filter for the files of a class, by their records.
 *
 * @param classId `other` is for all classes that are not counted separately; undefined is for every file
 */
export async function classFilter(table: Table, classId: string | undefined): Promise<IsOfClass> {
  if (classId === undefined) return () => true;
  if (classId !== OTHER_CLASS) return (record) => failureOfFile(record)?.id === classId;
  const kept = await readKnownClasses(table);
  return (record) => {
    const failure = failureOfFile(record);
    return failure !== undefined && !kept.has(failure.id);
  };
}

/** What ends a page before it is full. */
export interface ClassBounds {
  /** How many files to list at most. */
  readonly files: number;
  /** How many records to read at most: there is no index by class. */
  readonly records: number;
  /** Aborted when time is up. */
  readonly signal?: AbortSignal | undefined;
}

const PAGE_SIZE = 500;

/**
 * The files of a class in one status, in the order of `listByStatus`. Records of other classes are read and skipped, so a
 * page may be short or empty and still have a next one.
 */
export async function listByClass(
  { tracking }: Pick<Deps, 'tracking'>,
  query: StatusQuery,
  isOfClass: IsOfClass,
  bounds: ClassBounds,
  after: StatusCursor = {},
): Promise<StatusPage & { readonly looked: number }> {
  const records: TrackingRecord[] = [];
  const pageSize = Math.min(PAGE_SIZE, bounds.records);
  let position = after;
  let looked = 0;
  for await (const record of eachByStatus(tracking, query, pageSize, after)) {
    const isFull = records.length >= bounds.files || looked >= bounds.records;
    if (isFull || (looked > 0 && bounds.signal?.aborted)) return { records, looked, next: position };
    looked += 1;
    position = cursorAfter([record], position);
    if (isOfClass(record)) records.push(record);
  }
  return { records, looked, next: undefined };
}
