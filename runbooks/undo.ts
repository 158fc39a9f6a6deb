import * as z from 'zod';
import { type Change, type ChangeFile, mayBeUndone } from '../shared/changes/change.ts';
import { checkUndo, previewUndo, undoChange } from '../shared/changes/undo.ts';
import { changeColumns, eachChange, shownChanges } from '../shared/cli/change-list.ts';
import { changeRequestOf, RESULT_COLUMNS, runAndReport } from '../shared/cli/change-report.ts';
import { command, type RunContext } from '../shared/cli/command.ts';
import { main } from '../shared/cli/entry.ts';
import { changeIdFlag, planFlags, writeFlags } from '../shared/cli/flags.ts';
import { printList } from '../shared/cli/output.ts';
import { type ShownChangeFile, shownChangeFile } from '../shared/operations/change-requests.ts';
import { countOf, grouped } from '../shared/text/number-text.ts';
import { usageError } from '../shared/text/refused.ts';

export const undo = command({
  name: 'undo',
  description: 'Undoes a change, for every file that is still as the change left it',
  flags: z.object({
    change: changeIdFlag
      .optional()
      .describe('The id of the change; without it, the latest changes that wrote files are listed'),
    maxChanges: planFlags.maxChanges,
    changeId: planFlags.changeId,
    rate: planFlags.rate,
    watch: planFlags.watch,
    ...writeFlags,
  }),
  positional: 'change',
  examples: [
    ['--env local', 'the latest changes, to choose one'],
    ['20261123T052253532Z-1a2b3c4d --env local', 'what would be undone, and which files have changed since'],
    [
      "20261123T052253532Z-1a2b3c4d --apply --reason 'wrong files'",
      'undoes it, by a change that can be undone too',
    ],
  ],
  async run(context) {
    const { flags, deps } = context;
    const { change } = flags;
    if (change === undefined) return listLatest(context, flags.apply);
    if (!flags.apply) return preview(context, change);
    await context.confirm(`Undo change ${change}`);
    const request = changeRequestOf(deps, flags);
    return runAndReport(context, request.id, (options) => undoChange(deps, change, request, options));
  },
});

async function preview(
  context: RunContext<{ readonly maxChanges: number }>,
  change: string,
): Promise<undefined> {
  const { flags, deps, note, again } = context;
  let restored = 0;
  const files = await printList(context, {
    things: 'files to restore',
    columns: RESULT_COLUMNS,
    rows: counting(previewUndo(deps, change), () => {
      restored += 1;
    }),
    toEnd: true,
  });
  if (files === 0) return;
  if (restored === 0) {
    note('Nothing can be undone: each of these files has changed since.');
    return;
  }
  note(`${grouped(restored)} of ${countOf(files, 'file')} would be restored. Nothing was written.`);
  const { files: counted, refusal } = await checkUndo(deps, change);
  if (refusal) {
    note(`${refusal.message} ${refusal.commandHint}`);
    return;
  }
  const most = counted > flags.maxChanges ? ['--max-changes', String(counted)] : [];
  note(`To undo it: ${again([...most, '--apply', '--reason', 'WHY'])}`);
}

/** Calls `restorable` for each file that would be restored. */
async function* counting(
  files: AsyncIterable<ChangeFile>,
  restorable: () => void,
): AsyncGenerator<ShownChangeFile> {
  for await (const file of files) {
    if (file.result === undefined) restorable();
    yield shownChangeFile(file);
  }
}

const LATEST = 10;

/** @throws Refused when a change was to be undone, and none was named */
async function listLatest(context: RunContext, isWriting: boolean): Promise<undefined> {
  if (isWriting)
    throw usageError(
      '--change: received nothing, allowed: the id of a change.',
      'Leave out --apply to list the latest changes.',
    );
  const { deps, now, note, commandLine } = context;
  const found = await printList(context, {
    things: 'changes that wrote files',
    columns: changeColumns(now),
    rows: shownChanges(undoable(eachChange(deps))),
    limit: LATEST,
    others: `To list all changes: ${commandLine('changes', ['--all'])}`,
  });
  if (found > 0) note(`To see what undoing one would do: ${commandLine('undo', ['CHANGE'])}`);
}

async function* undoable(changes: AsyncIterable<Change>): AsyncGenerator<Change> {
  for await (const change of changes) if (mayBeUndone(change)) yield change;
}

await main(import.meta, undo);
