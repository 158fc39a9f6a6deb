import * as z from 'zod';
import type { Deps } from '../aws/deps.ts';
import { listChanges as list } from '../changes/change-table.ts';
import { collectPages } from '../flow/pages.ts';
import { fitToResponse, MOST_BYTES } from './answers.ts';
import { shownChange } from './change-requests.ts';
import { limit, nextToken } from './inputs.ts';
import { operation } from './operation.ts';
import { decodePageToken, encodePageToken } from './page-token.ts';
import { changePosition } from './token-positions.ts';

export const listChanges = operation({
  name: 'list_changes',
  description:
    'The changes that operators made, newest first by their ids; the change of a stored plan has the id of the plan',
  input: z.strictObject({ limit, next_token: nextToken.optional() }),
  async run({ projection }: Pick<Deps, 'projection'>, { limit, next_token }) {
    const scope = ['list_changes', projection.name];
    const from =
      next_token === undefined ? undefined : decodePageToken<string>(scope, next_token, changePosition);
    const load = async (limit: number, cursor: string | undefined) => {
      const { changes, next } = await list(projection, limit, cursor);
      return { items: changes.map(shownChange), next };
    };
    const { items, next } = await collectPages(load, limit, from, MOST_BYTES);
    const shown = fitToResponse(items);
    const last = shown.length < items.length ? shown.at(-1)?.change_id : next;
    return {
      count: shown.length,
      changes: shown,
      ...(last && { next_token: encodePageToken(scope, last) }),
    };
  },
});
