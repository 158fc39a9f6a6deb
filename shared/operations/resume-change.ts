import * as z from 'zod';
import { resumeChange as resume } from '../changes/apply.ts';
import type { ChangeFile } from '../changes/change.ts';
import { readChange } from '../changes/change-table.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import { handOver, isBusy, onwardOptions, shownChange, shownEnding, shownRepeat } from './change-requests.ts';
import { runEvenIfClosed } from './closed-meanwhile.ts';
import { changeId } from './inputs.ts';
import { operation } from './operation.ts';
import { shownPickup, wasReset } from './resets.ts';

export const resumeChange = operation({
  name: 'resume_change',
  description: 'Resumes a change that ended early; what is done is not repeated',
  writes: true,
  input: z.strictObject({ change_id: changeId }),
  async run(deps, { change_id }) {
    const reset: RecordKey[] = [];
    const onFile = (file: ChangeFile) => {
      if (wasReset(file)) reset.push(file.key);
    };
    const begun = await readChange(deps.projection, change_id);
    if (begun && isBusy(begun, deps)) return { ...shownChange(begun), ...shownEnding(begun, deps) };
    const options = { ...onwardOptions(deps), onFile };
    const change = await runEvenIfClosed(deps, change_id, options, (all) =>
      resume(deps, change_id, deps.actor, all),
    );
    await handOver(deps, change);
    return {
      ...shownChange(change),
      ...shownEnding(change, deps),
      ...(await shownRepeat(deps, begun)),
      ...(await shownPickup(deps, reset, true)),
    };
  },
});
