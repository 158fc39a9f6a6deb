import * as z from 'zod';
import { previewUndo, undoChange } from '../shared/changes/undo.ts';
import { changeContext, changeRequestOf, runAndReport } from '../shared/cli/apply-change.ts';
import { RESULT_COLUMNS } from '../shared/cli/change-columns.ts';
import { planFlags } from '../shared/cli/plan-flags.ts';
import { printList } from '../shared/cli/print-list.ts';
import { runCommand } from '../shared/cli/run-command.ts';
import { writeFlags } from '../shared/cli/write-flags.ts';
import { EXIT } from '../shared/text/refused.ts';

await runCommand({
  name: 'undo',
  description: 'Puts back what a change touched, for every file that is still as the change left it',
  flags: z.object({
    change: z.string().min(1).describe('The id of the change'),
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
    const { flags, note, again } = context;
    const engine = changeContext(context);
    if (!flags.apply) {
      const rows = previewUndo(engine, flags.change);
      const files = await printList(context, { things: 'files to put back', columns: RESULT_COLUMNS, rows });
      const most = files > flags.maxChanges ? ['--max-changes', String(files)] : [];
      if (files > 0)
        note(`Nothing was written. To undo it: ${again([...most, '--apply', '--reason', 'WHY'])}`);
      return;
    }
    await context.confirm(`Undo change ${flags.change}`);
    const request = changeRequestOf(context, flags);
    const code = await runAndReport(context, flags.maxChanges, (options) =>
      undoChange(engine, flags.change, request, options),
    );
    return code ?? EXIT.done;
  },
});
