import * as z from 'zod';
import { previewUndo, undoChange } from '../shared/changes/undo.ts';
import { changeRequestOf, RESULT_COLUMNS, runAndReport } from '../shared/cli/change-report.ts';
import { command } from '../shared/cli/command.ts';
import { main } from '../shared/cli/entry.ts';
import { changeIdFlag, planFlags, writeFlags } from '../shared/cli/flags.ts';
import { printList } from '../shared/cli/output.ts';

export const undo = command({
  name: 'undo',
  description: 'Puts back what a change did, for every file that is still as the change left it',
  flags: z.object({
    change: changeIdFlag.describe('The id of the change'),
    maxChanges: planFlags.maxChanges,
    changeId: planFlags.changeId,
    rate: planFlags.rate,
    ...writeFlags,
  }),
  positional: 'change',
  examples: [
    ['20261123T052253532Z-1a2b3c4d --env local', 'what would be put back, and what has moved on since'],
    [
      "20261123T052253532Z-1a2b3c4d --apply --reason 'wrong files'",
      'puts it back, by a change that can be undone too',
    ],
  ],
  async run(context) {
    const { flags, deps, note, again } = context;
    if (!flags.apply) {
      const rows = previewUndo(deps, flags.change);
      const files = await printList(context, { things: 'files to put back', columns: RESULT_COLUMNS, rows });
      const most = files > flags.maxChanges ? ['--max-changes', String(files)] : [];
      if (files > 0)
        note(`Nothing was written. To undo it: ${again([...most, '--apply', '--reason', 'WHY'])}`);
      return;
    }
    await context.confirm(`Undo change ${flags.change}`);
    const request = changeRequestOf(deps, flags);
    return runAndReport(context, (options) => undoChange(deps, flags.change, request, options));
  },
});

await main(import.meta, undo);
