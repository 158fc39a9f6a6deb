import * as z from 'zod';
import { selectFiles } from '../shared/changes/selection.ts';
import { dateFlags, duration, text } from '../shared/cli/common-flags.ts';
import { resolveDates } from '../shared/cli/dates.ts';
import { mapEach } from '../shared/cli/map-each.ts';
import { planFlags } from '../shared/cli/plan-flags.ts';
import { entriesFor } from '../shared/cli/plan-requests.ts';
import { runPlan } from '../shared/cli/plan-run.ts';
import { runCommand } from '../shared/cli/run-command.ts';
import { STATUSES } from '../shared/pipeline/status.ts';
import { readCounters } from '../shared/projection/projection-table.ts';
import { usageError } from '../shared/text/refused.ts';
import { readFileList } from './views/file-list.ts';

const HOUR_MILLIS = 3_600_000;

await runCommand({
  name: 'batch-update',
  description: 'Sets the status of many files: those of a list, or those that a selection finds',
  flags: z.object({
    list: text(
      'The files: CSV with a heading, JSON or NDJSON, with date_prefix and file_key; --list=- reads standard input',
    ),
    status: z.array(z.enum(STATUSES)).default([]).describe('Instead of a list: files in this status'),
    ...dateFlags,
    olderThan: duration.describe('Of those, the ones longer in their status'),
    errorContains: text('Of those, the ones with this in their error message'),
    manifest: text('Of those, the ones in this manifest: its name, key or URI'),
    newStatus: text('The status to set, where the list does not say it'),
    force: z.boolean().default(false).describe('Allow transitions that are not usual ones'),
    ...planFlags,
  }),
  examples: [
    ['--env local --status failed --new-status pending', 'what would be retried on this machine'],
    [
      "--status failed --error-contains throttl --date today --new-status pending --apply --reason 'limits raised'",
      'retries them',
    ],
    ['--list files.csv --new-status pending --plan-out plan.ndjson', 'a plan of a list, to look through'],
    ["--plan plan.ndjson --apply --reason 'checked'", 'applies exactly that'],
  ],
  run: (context) =>
    runPlan(context, 'batch-update', async function* () {
      const { flags, service, now } = context;
      const { list, status, newStatus, force } = flags;
      if (list !== undefined && status.length > 0) {
        throw usageError(
          'Received both --list and --status.',
          'Name the files by a list, or by a selection.',
        );
      }
      if (list !== undefined) {
        const requests = readFileList(list, process.stdin, { new_status: newStatus, force });
        yield* entriesFor(context, requests);
        return;
      }
      if (status.length === 0 || !newStatus) {
        throw usageError(
          'Received neither --list nor a selection: --status and --new-status.',
          'For example: --status failed --new-status pending. There is no way to mean all files.',
        );
      }
      const { suffixes } = await readCounters(service.projection, undefined);
      const selection = {
        statuses: status,
        suffixes,
        range: resolveDates(flags, now),
        olderThanHours: flags.olderThan === undefined ? undefined : flags.olderThan / HOUR_MILLIS,
        errorContains: flags.errorContains,
        manifest: flags.manifest,
      };
      const selected = selectFiles(service.tracking, selection, { new_status: newStatus, force }, now);
      yield* mapEach(selected, ({ entry }) => entry);
    }),
});
