import * as z from 'zod';
import type { Deps } from '../aws/deps.ts';
import type { ChangeFile } from '../changes/change.ts';
import { listChangeFiles } from '../changes/change-file-table.ts';
import { requireChange } from '../changes/change-table.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import { fitToResponse } from './answers.ts';
import { shownChange, shownChangeFile } from './change-requests.ts';
import { changeId, limit, nextToken } from './inputs.ts';
import { operation } from './operation.ts';
import { decodePageToken, encodePageToken } from './page-token.ts';

export const getChange = operation({
  name: 'get_change',
  description: 'Who made a change, when and why, and what became of each of its files',
  input: z.strictObject({ change_id: changeId, limit, next_token: nextToken.optional() }),
  async run(deps: Pick<Deps, 'tracking' | 'projection'>, { change_id, limit, next_token }) {
    const change = await requireChange(deps, change_id);
    const scope = ['get_change', deps.projection.name, change_id];
    const after = next_token === undefined ? undefined : decodePageToken<RecordKey>(scope, next_token);
    const page = await filesOf(deps, change_id, limit, after);
    const files = fitToResponse(page.files.map(shownChangeFile));
    const next = files.length < page.files.length ? keyOf(files.at(-1)) : page.next;
    return {
      change: shownChange(change),
      count: files.length,
      files,
      ...(next && { next_token: encodePageToken(scope, next) }),
    };
  },
});

/** As many files as asked for, whatever the size of a page. */
async function filesOf(
  { projection }: Pick<Deps, 'projection'>,
  id: string,
  limit: number,
  after: RecordKey | undefined,
) {
  const files: ChangeFile[] = [];
  let next = after;
  do {
    const page = await listChangeFiles(projection, id, limit - files.length, next);
    files.push(...page.files);
    next = page.next;
  } while (next && files.length < limit);
  return { files, next };
}

function keyOf(file: RecordKey | undefined): RecordKey | undefined {
  return file && { date_prefix: file.date_prefix, file_key: file.file_key };
}
