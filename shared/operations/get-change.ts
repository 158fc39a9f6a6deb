import * as z from 'zod';
import type { Deps } from '../aws/deps.ts';
import { mayBeUndone } from '../changes/change.ts';
import { listChangeFiles } from '../changes/change-file-table.ts';
import { requireListed } from '../changes/change-table.ts';
import { collectPages } from '../flow/pages.ts';
import { keyOf, type RecordKey } from '../pipeline/tracking-table.ts';
import { fitToResponse, MOST_BYTES } from './answers.ts';
import { shownChange, shownChangeFile } from './change-requests.ts';
import { changeId, limit, nextToken } from './inputs.ts';
import { operation } from './operation.ts';
import { decodePageToken, encodePageToken } from './page-token.ts';
import { keyPosition } from './token-positions.ts';

// Each may have values of almost a megabyte.
const FILES_PER_PAGE = 200;

export const getChange = operation({
  name: 'get_change',
  description: 'Who made a change, when and why, and the result of each of its files',
  input: z.strictObject({ change_id: changeId, limit, next_token: nextToken.optional() }),
  async run(deps: Pick<Deps, 'tracking' | 'projection'>, { change_id, limit, next_token }) {
    const change = await requireListed(deps, change_id);
    const scope = ['get_change', deps.projection.name, change_id];
    const after =
      next_token === undefined ? undefined : decodePageToken<RecordKey>(scope, next_token, keyPosition);
    const load = async (limit: number, cursor: RecordKey | undefined) => {
      const most = Math.min(limit, FILES_PER_PAGE);
      const { files, next } = await listChangeFiles(deps.projection, change_id, most, cursor);
      return { items: files.map(shownChangeFile), next };
    };
    const { items, next } = await collectPages(load, limit, after, MOST_BYTES);
    const files = fitToResponse(items);
    const last = files.length < items.length ? files.at(-1) : next;
    return {
      change: { ...shownChange(change), may_be_undone: mayBeUndone(change) },
      count: files.length,
      files,
      ...(last && { next_token: encodePageToken(scope, keyOf(last)) }),
    };
  },
});
