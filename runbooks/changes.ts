import * as z from 'zod';
import { resumeChange } from '../shared/changes/apply.ts';
import type { Change } from '../shared/changes/change.ts';
import { eachChangeFile } from '../shared/changes/change-file-table.ts';
import { listChanges, requireChange } from '../shared/changes/change-table.ts';
import { closeChange } from '../shared/changes/close.ts';
import { changeColumns, changeRequestOf, RESULT_COLUMNS, runAndReport } from '../shared/cli/change-report.ts';
import { command, type RunContext } from '../shared/cli/command.ts';
import { main } from '../shared/cli/entry.ts';
import {
  changeIdFlag,
  limitOf,
  listFlags,
  planFlags,
  type WriteValues,
  writeFlags,
} from '../shared/cli/flags.ts';
import { printList } from '../shared/cli/output.ts';
import { pages } from '../shared/flow/pages.ts';
import { usageError } from '../shared/text/refused.ts';
import { visibleText } from '../shared/text/visible-text.ts';

export const changes = command({
  name: 'changes',
  description:
    'Lists the changes that operators made or the files of one; resumes or ends one that was interrupted',
  flags: z.object({
    change: changeIdFlag.optional().describe('The id of one change, to list its files'),
    resume: z.boolean().default(false).describe('Resume it: what was done is not done again'),
    close: z.boolean().default(false).describe('End it as it is, when it is not to be resumed'),
    rate: planFlags.rate,
    maxChanges: planFlags.maxChanges,
    ...listFlags,
    ...writeFlags,
  }),
  positional: 'change',
  buckets: true,
  examples: [
    ['--env local', 'the latest changes on this machine'],
    ['20261123T052253532Z-1a2b3c4d', 'who made it, why, and what became of each file'],
    ["20261123T052253532Z-1a2b3c4d --resume --apply --reason 'interrupted'", 'resumes it'],
  ],
  async run(context) {
    const { flags, deps, output, now, note } = context;
    const limit = limitOf(flags, output.form);
    if (flags.resume && flags.close) {
      throw usageError('Received both --resume and --close.', 'Resume it, or end it as it is.');
    }
    if (flags.change === undefined) {
      if (flags.resume || flags.close) {
        const flag = flags.resume ? 'resume' : 'close';
        throw usageError(`--${flag}: received no change to ${flag}.`, 'Add the id of a change.');
      }
      const rows = eachChange(context);
      await printList(context, { things: 'changes', columns: changeColumns(now), rows, limit });
      return;
    }
    const change = await requireChange(deps, flags.change);
    const { state, actor, createdAt, reason } = change;
    const request = actor.request_id === undefined ? '' : `, in the request ${actor.request_id}`;
    note(visibleText(`${state}: made by ${actor.identity}${request} at ${createdAt}, because: ${reason}`));
    if (flags.resume && flags.apply) {
      await context.confirm(`Resume change ${change.id}`);
      return runAndReport(context, (options) => resumeChange(deps, change.id, deps.actor, options));
    }
    if (flags.close && flags.apply) return close(context, change.id);
    const rows = eachChangeFile(deps.projection, change.id);
    await printList(context, { things: 'files', columns: RESULT_COLUMNS, rows, limit });
    const apply = () => context.again(['--apply', '--reason', 'WHY']);
    if (flags.resume) note(`Nothing was written. To resume it: ${apply()}`);
    if (flags.close) note(`Nothing was written. To end it as it is: ${apply()}`);
    return;
  },
});

async function close(context: RunContext<WriteValues>, id: string): Promise<undefined> {
  const { deps, flags, note } = context;
  await context.confirm(`End change ${id} as it is`);
  await closeChange(deps, id, changeRequestOf(deps, { reason: flags.reason }));
  note(`Change ${id} is closed. To take back what it did: ${context.commandLine('undo', [id])}`);
}

async function* eachChange({ deps }: RunContext): AsyncGenerator<Change> {
  const load = (after: string | undefined) => listChanges(deps.projection, 100, after);
  for await (const page of pages(load)) yield* page.changes;
}

await main(import.meta, changes);
