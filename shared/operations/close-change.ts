import * as z from 'zod';
import { closeChange as close } from '../changes/close.ts';
import { changeRequestOf, shownChange } from './change-requests.ts';
import { changeId, reason } from './inputs.ts';
import { operation } from './operation.ts';

const ORIGIN = 'close_change';

export const closeChange = operation({
  name: 'close_change',
  description:
    'Closes a change that ended early and will not be resumed; what it did stays, and can be undone',
  writes: true,
  input: z.strictObject({ change_id: changeId, reason }),
  run: async (deps, { change_id, reason }) =>
    shownChange(await close(deps, change_id, changeRequestOf(deps, ORIGIN, reason))),
});
