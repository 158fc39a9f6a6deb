import * as z from 'zod';
import type { Deps } from '../aws/deps.ts';
import { STATUSES } from '../pipeline/status.ts';
import { cursorAfter, listByStatus, type StatusCursor } from '../pipeline/status-index.ts';
import { readCounters } from '../projection/counter-items.ts';
import { fitToResponse, shownRecord } from './answers.ts';
import { dateRange, limit, nextToken } from './inputs.ts';
import { operation } from './operation.ts';
import { decodePageToken, encodePageToken } from './page-token.ts';

export const queryByStatus = operation({
  name: 'query_by_status',
  description: 'The files of one status, over all dates or a range of them',
  input: z.strictObject({
    status: z.enum(STATUSES),
    date_range: dateRange.optional(),
    limit,
    next_token: nextToken.optional(),
  }),
  async run(
    { tracking, projection }: Pick<Deps, 'tracking' | 'projection'>,
    { status, date_range: range = {}, limit, next_token },
  ) {
    const scope = ['query_by_status', tracking.name, status, range.start ?? null, range.end ?? null];
    const after = next_token === undefined ? undefined : decodePageToken<StatusCursor>(scope, next_token);
    const { suffixes } = await readCounters(projection, undefined);
    const query = { kind: 'file' as const, status, suffixes, range };
    const { records, next } = await listByStatus(tracking, query, limit, after);
    const fitting = fitToResponse(records.map(shownRecord));
    const cut = fitting.length < records.length;
    const position = cut ? cursorAfter(records.slice(0, fitting.length), after) : next;
    return {
      status,
      count: fitting.length,
      files: fitting,
      ...(position && { next_token: encodePageToken(scope, position) }),
    };
  },
});
