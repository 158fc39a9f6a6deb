import * as z from 'zod';
import { selectFiles } from '../shared/changes/selection.ts';
import { command } from '../shared/cli/command.ts';
import { dateFlags, resolveDates } from '../shared/cli/dates.ts';
import { main } from '../shared/cli/entry.ts';
import { flagName } from '../shared/cli/flag-schema.ts';
import { duration, fileClass, force, planFlags, text } from '../shared/cli/flags.ts';
import { noteIncomplete } from '../shared/cli/incomplete.ts';
import { runPlan } from '../shared/cli/plan.ts';
import { entriesFor } from '../shared/cli/plan-entries.ts';
import { leftOutNotes } from '../shared/cli/resets.ts';
import { unknownAges } from '../shared/cli/unknown-ages.ts';
import { fileChange, listedStatus } from '../shared/operations/inputs.ts';
import { readSuffixes } from '../shared/projection/counter-items.ts';
import { usageError } from '../shared/text/refused.ts';
import { readFileList } from './views/file-list.ts';

const HOUR_MILLIS = 3_600_000;

const selection = {
  list: text(
    'The files: CSV with a header row, JSON or NDJSON, with date_prefix and file_key; --list=- reads standard input',
  ),
  status: z.array(listedStatus).default([]).describe('Files in this status, instead of a list'),
  ...dateFlags,
  olderThan: duration.describe(
    'Only files in that status for longer than this; files of unknown age are left out',
  ),
  errorContains: text('Only files whose error message contains this'),
  class: fileClass,
  manifest: text('Only files in this manifest: its name, key or URI'),
  newStatus: fileChange.shape.new_status.optional().describe('The status to set, unless the list gives one'),
  force,
};

/** What narrows a selection. */
const NARROWING = ['date', 'from', 'to', 'olderThan', 'errorContains', 'class', 'manifest'] as const;

export const batchUpdate = command({
  name: 'batch-update',
  description: 'Sets the status of many files, given by a list or a selection',
  flags: z.object({ ...selection, ...planFlags }),
  buckets: true,
  examples: [
    ['--env local --status failed --new-status pending', 'what would be retried on this machine'],
    [
      "--status failed --error-contains throttl --date today --new-status pending --apply --reason 'limits raised'",
      'retries them',
    ],
    [
      '--list files.csv --new-status pending --plan-out plan.ndjson',
      'saves a plan for the listed files, to review it',
    ],
    ["--plan plan.ndjson --apply --reason 'checked'", 'applies exactly that plan'],
  ],
  run: (context) =>
    runPlan(context, 'batch-update', selection, async function* (missed) {
      const { flags, deps, stdin, now, note } = context;
      const { list, status, newStatus, force } = flags;
      if (list !== undefined && status.length > 0) {
        throw usageError('Received both --list and --status.', 'Use a list or a selection, not both.');
      }
      if (list !== undefined) {
        const unused = NARROWING.filter((name) => flags[name] !== undefined).map(
          (name) => `--${flagName(name)}`,
        );
        if (unused.length > 0)
          throw usageError(
            `Received --list together with ${unused.join(', ')}; allowed: --list alone, since a list names its files.`,
            'Leave them out, or use a selection with --status instead of a list.',
          );
        yield* entriesFor(context, readFileList(list, stdin, { new_status: newStatus, force }), missed);
        return;
      }
      if (status.length === 0 || !newStatus) {
        throw usageError(
          'Received neither --list nor a selection (--status with --new-status).',
          'For example: --status failed --new-status pending. There is no way to select all files.',
        );
      }
      const suffixes = await readSuffixes(deps.projection);
      const ages = unknownAges();
      noteIncomplete(context, suffixes);
      const notes = leftOutNotes(context);
      const chosen = {
        statuses: status,
        suffixes,
        range: resolveDates(flags, now),
        olderThanHours: flags.olderThan === undefined ? undefined : flags.olderThan / HOUR_MILLIS,
        errorContains: flags.errorContains,
        failureClass: flags.class,
        manifest: flags.manifest,
        onAgeUnknown: ages.onAgeUnknown,
        onLeftOut: notes.add,
      };
      const target = { new_status: newStatus, force };
      for await (const { entry } of selectFiles(deps, chosen, target, now)) yield entry;
      ages.note(note);
      notes.end();
    }),
});

await main(import.meta, batchUpdate);
