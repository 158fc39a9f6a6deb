import * as z from 'zod';
import type { Deps } from '../aws/deps.ts';
import type { Change } from '../changes/change.ts';
import { listChanges as list } from '../changes/change-table.ts';
import { fitToResponse } from './answers.ts';
import { shownChange } from './change-requests.ts';
import { limit, nextToken } from './inputs.ts';
import { operation } from './operation.ts';
import { decodePageToken, encodePageToken } from './page-token.ts';

export const listChanges = operation({
  name: 'list_changes',
  description: 'The changes that operators made, the newest first',
  input: z.strictObject({ limit, next_token: nextToken.optional() }),
  async run({ projection }: Pick<Deps, 'projection'>, { limit, next_token }) {
    const scope = ['list_changes', projection.name];
    let next = next_token === undefined ? undefined : decodePageToken<string>(scope, next_token);
    const changes: Change[] = [];
    do {
      const page = await list(projection, limit - changes.length, next);
      changes.push(...page.changes);
      next = page.next;
    } while (next && changes.length < limit);
    const shown = fitToResponse(changes.map(shownChange));
    if (shown.length < changes.length) next = shown.at(-1)?.change_id;
    return {
      count: shown.length,
      changes: shown,
      ...(next && { next_token: encodePageToken(scope, next) }),
    };
  },
});
