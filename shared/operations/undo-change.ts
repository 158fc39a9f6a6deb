import * as z from 'zod';
import type { ChangeFile } from '../changes/change.ts';
import { previewUndo, undoChange as undo } from '../changes/undo.ts';
import { fitToResponse } from './answers.ts';
import { changeRequestOf, runOptions, shownChangeFile, shownEnding } from './change-requests.ts';
import { runEvenIfClosed } from './closed-meanwhile.ts';
import { changeId, MOST_LISTED, reason } from './inputs.ts';
import { type OperationDeps, operation } from './operation.ts';

const ORIGIN = 'undo_change';

const input = z.strictObject({
  change_id: changeId,
  dry_run: z.boolean().default(true).describe('only shows what would be restored'),
  reason,
  max_changes: z
    .int()
    .min(1)
    .max(MOST_LISTED)
    .default(MOST_LISTED)
    .describe(
      'if the change has more files, the request is refused and nothing is written; a long undo can be resumed',
    ),
  limit: z.int().min(1).max(MOST_LISTED).default(1_000).describe('how many files to list at most'),
});

type Input = z.output<typeof input>;

export const undoChange = operation({
  name: 'undo_change',
  description: 'Undoes a change, for every file that is still as the change left it',
  writes: true,
  input,
  run: async (deps, request) => (request.dry_run ? preview(deps, request) : apply(deps, request)),
});

async function preview(deps: OperationDeps, { change_id, limit }: Input) {
  const list = fileList(limit);
  await addAll(previewUndo(deps, change_id), list.add);
  const { restored, ...shown } = list.shown();
  return { dry_run: true, undoes: change_id, files_restored: 0, would_be_restored: restored, ...shown };
}

async function apply(deps: OperationDeps, { change_id, reason, max_changes, limit }: Input) {
  const list = fileList(limit);
  const options = { ...runOptions(deps), maxChanges: max_changes, onFile: list.add };
  const request = changeRequestOf(deps, ORIGIN, reason);
  const change = await runEvenIfClosed(deps, request.id, options, (all) =>
    undo(deps, change_id, request, all),
  );
  const { restored, ...shown } = list.shown();
  return { dry_run: false, undoes: change_id, files_restored: restored, ...shown, ...shownEnding(change) };
}

async function addAll(files: AsyncIterable<ChangeFile>, add: (file: ChangeFile) => void): Promise<void> {
  for await (const file of files) add(file);
}

/** Counts all files of an undo, and keeps as many as will be listed. */
function fileList(limit: number) {
  const files: ChangeFile[] = [];
  let found = 0;
  let restored = 0;
  return {
    add(file: ChangeFile): void {
      found += 1;
      if (file.result === undefined || file.result.kind === 'applied') restored += 1;
      if (files.length < limit) files.push(file);
    },
    shown() {
      const shown = fitToResponse(files.map(shownChangeFile));
      return { files_found: found, restored, files: shown, ...(shown.length < found && { truncated: true }) };
    },
  };
}
