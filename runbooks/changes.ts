import * as z from 'zod';
import { resumeChange } from '../shared/changes/apply.ts';
import type { Change } from '../shared/changes/change.ts';
import { eachChangeFile } from '../shared/changes/change-file-table.ts';
import { type ChangePage, listChanges, requireChange } from '../shared/changes/change-table.ts';
import { changeContext, runAndReport } from '../shared/cli/apply-change.ts';
import { changeColumns, RESULT_COLUMNS } from '../shared/cli/change-columns.ts';
import type { RunContext } from '../shared/cli/command.ts';
import { limitOf, listFlags } from '../shared/cli/list-flags.ts';
import { planFlags } from '../shared/cli/plan-flags.ts';
import { printList } from '../shared/cli/print-list.ts';
import { runCommand } from '../shared/cli/run-command.ts';
import { writeFlags } from '../shared/cli/write-flags.ts';
import { usageError } from '../shared/text/refused.ts';

await runCommand({
  name: 'changes',
  description: 'The changes that operators made; the files of one; or going on with one that was cut off',
  flags: z.object({
    change: z.string().min(1).optional().describe('The id of one change, for its files'),
    resume: z.boolean().default(false).describe('Go on with it: what was done is not done again'),
    rate: planFlags.rate,
    maxChanges: planFlags.maxChanges,
    ...listFlags,
    ...writeFlags,
  }),
  positional: 'change',
  examples: [
    ['--env local', 'the latest changes on this machine'],
    ['20261123T052253532Z-1a2b3c4d', 'who made it, why, and what became of each file'],
    ["20261123T052253532Z-1a2b3c4d --resume --apply --reason 'cut off'", 'goes on with it'],
  ],
  async run(context) {
    const { flags, service, output, now, note } = context;
    if (flags.change === undefined) {
      if (flags.resume) throw usageError('--resume: received no change to go on with.', 'Name its id first.');
      const rows = eachChange(context);
      await printList(context, {
        things: 'changes',
        columns: changeColumns(now),
        rows,
        limit: limitOf(flags, output.form),
      });
      return;
    }
    const change = await requireChange(changeContext(context), flags.change);
    note(
      `${change.state}: made by ${change.actor.identity} at ${change.createdAt}, because: ${change.reason}`,
    );
    if (flags.resume && flags.apply) {
      await context.confirm(`Go on with change ${change.id}`);
      return runAndReport(context, change.files, (options) =>
        resumeChange(changeContext(context), change.id, service.actor, options),
      );
    }
    const rows = eachChangeFile(service.projection, change.id);
    await printList(context, {
      things: 'files',
      columns: RESULT_COLUMNS,
      rows,
      limit: limitOf(flags, output.form),
    });
    if (flags.resume) note('Nothing was written. To go on with it, add --apply and --reason.');
    return;
  },
});

async function* eachChange({ service }: RunContext<unknown>): AsyncGenerator<Change> {
  let next: string | undefined;
  do {
    const page: ChangePage = await listChanges(service.projection, 100, next);
    yield* page.changes;
    next = page.next;
  } while (next);
}
