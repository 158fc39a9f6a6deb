import * as z from 'zod';
import type { Deps } from '../aws/deps.ts';
import { UNKNOWN_STATUS } from '../pipeline/status.ts';
import {
  cursorAfter,
  type DateRange,
  incompleteListing,
  listByStatus,
  type StatusCursor,
} from '../pipeline/status-index.ts';
import { keyOf, type RecordKey, type TrackingRecord } from '../pipeline/tracking-table.ts';
import { readSuffixes } from '../projection/counter-items.ts';
import { classFilter, listByClass } from '../statistics/class-files.ts';
import { eachUnknownStep } from '../statistics/unknown-status.ts';
import { fitToResponse, MOST_BYTES, shownRecord } from './answers.ts';
import { dateRange, failureClassId, limit, listedStatus, nextToken } from './inputs.ts';
import { operation } from './operation.ts';
import { decodePageToken, encodePageToken } from './page-token.ts';
import { keyPosition, statusPosition } from './token-positions.ts';

export const queryByStatus = operation({
  name: 'query_by_status',
  description: 'The files of one status, or of unknown statuses, over all dates or a range of them',
  input: z.strictObject({
    status: listedStatus,
    class: failureClassId
      .optional()
      .describe('only files that failed for this cause; a page may then be short and have a next_token'),
    date_range: dateRange.optional(),
    limit,
    next_token: nextToken.optional(),
  }),
  async run(deps: ListingDeps, { status, class: ofClass, date_range: range = {}, limit, next_token }) {
    const dates = [range.start ?? null, range.end ?? null];
    const scope = ['query_by_status', deps.tracking.name, status, ...dates, ...(ofClass ? [ofClass] : [])];
    const token = <T>(position: z.ZodType) =>
      next_token === undefined ? undefined : decodePageToken<T>(scope, next_token, position);
    const { files, next, incomplete } =
      status === UNKNOWN_STATUS
        ? await listUnknown(deps, { range, ofClass }, limit, token<RecordKey>(keyPosition))
        : await listStatus(deps, { status, range, ofClass }, limit, token<StatusCursor>(statusPosition));
    return {
      status,
      ...(ofClass !== undefined && { class: ofClass }),
      count: files.length,
      files,
      ...(incomplete && { incomplete }),
      ...(next && { next_token: encodePageToken(scope, next) }),
    };
  },
});

type ListingDeps = Pick<Deps, 'tracking' | 'projection'> & Partial<Pick<Deps, 'signal'>>;

/** How many records one request for a class checks. */
const MOST_LOOKED_AT = 5_000;

interface Wanted {
  readonly range: DateRange;
  /** A class of failures; undefined: any file. */
  readonly ofClass: string | undefined;
}

interface Listed<C> {
  readonly files: readonly TrackingRecord[];
  readonly next: C | undefined;
  /** Why something is missing, and what to do. */
  readonly incomplete?: string | undefined;
}

async function listStatus(
  { tracking, projection, signal }: ListingDeps,
  { status, range, ofClass }: Wanted & { readonly status: string },
  limit: number,
  after: StatusCursor | undefined,
): Promise<Listed<StatusCursor>> {
  const suffixes = await readSuffixes(projection);
  const query = { kind: 'file' as const, status, suffixes, range };
  const bounds = { files: limit, records: MOST_LOOKED_AT, signal };
  const { records, next } =
    ofClass === undefined
      ? await listByStatus(tracking, query, limit, after, { bytes: MOST_BYTES, signal })
      : await listByClass({ tracking }, query, await classFilter(projection, ofClass), bounds, after);
  const files = fitToResponse(records.map(shownRecord));
  const cut = files.length < records.length;
  return {
    files,
    next: cut ? cursorAfter(records.slice(0, files.length), after) : next,
    incomplete: incompleteListing(suffixes),
  };
}

/** A file of an unknown status has no class. Those few are looked for among all of their dates, so it may end early. */
async function listUnknown(
  deps: ListingDeps,
  { range, ofClass }: Wanted,
  limit: number,
  after: RecordKey | undefined,
): Promise<Listed<RecordKey>> {
  if (ofClass !== undefined) return { files: [], next: undefined };
  const records: TrackingRecord[] = [];
  let bytes = 0;
  let next: RecordKey | undefined;
  for await (const { record, key } of eachUnknownStep(deps, { entity: 'file', range, after })) {
    if (record) {
      records.push(record);
      bytes += Buffer.byteLength(JSON.stringify(shownRecord(record)));
    }
    // One extra record shows that there are more.
    if (records.length <= limit && bytes <= MOST_BYTES && !deps.signal?.aborted) continue;
    next = key;
    break;
  }
  const files = fitToResponse(records.slice(0, limit).map(shownRecord));
  const last = files.at(-1);
  return { files, next: files.length < records.length && last ? keyOf(last) : next };
}
