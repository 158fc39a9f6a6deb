import * as z from 'zod';
import { dateFlags, duration } from '../shared/cli/common-flags.ts';
import { closedRange, resolveDates } from '../shared/cli/dates.ts';
import { limitOf, listFlags } from '../shared/cli/list-flags.ts';
import { mapEach } from '../shared/cli/map-each.ts';
import { printList } from '../shared/cli/print-list.ts';
import { runCommand } from '../shared/cli/run-command.ts';
import { shownRecord } from '../shared/operations/answers.ts';
import { eachFile } from '../shared/pipeline/listings.ts';
import { STATUSES } from '../shared/pipeline/status.ts';
import { readCounters } from '../shared/projection/projection-table.ts';
import { usageError } from '../shared/text/refused.ts';
import { fileColumns } from './views/file-columns.ts';

await runCommand({
  name: 'files',
  description: 'The files of a status or of a date, oldest date first, however many',
  flags: z.object({
    status: z.enum(STATUSES).optional().describe('Only files in this status'),
    ...dateFlags,
    olderThan: duration.describe('Only files that have had their status for longer'),
    ...listFlags,
  }),
  examples: [
    ['--env local --status failed', 'what failed on this machine'],
    ['--date today', "today's files"],
    ['--status manifested --older-than 2h', 'what may be stuck'],
    ['--status completed --output csv > completed.csv', 'all of them, for a spreadsheet'],
    ['--status pending --output ndjson | head -5', 'whole records, one to a line'],
  ],
  async run(context) {
    const { flags, service, output, now } = context;
    const { status, olderThan } = flags;
    const dates = resolveDates(flags, now);
    const range = status ? dates : closedRange(dates, now);
    if (!range)
      throw usageError(
        'Received neither a status nor a date.',
        'Add --status failed, for example, or --date today.',
      );
    const counters = await readCounters(service.projection, undefined);
    const sinceBefore = olderThan === undefined ? undefined : now - olderThan;
    const files = eachFile(service.tracking, { status, range, sinceBefore }, counters.suffixes);
    const isWhole = status && !range.start && !range.end && olderThan === undefined;
    await printList(context, {
      things: 'files',
      columns: fileColumns(now),
      rows: mapEach(files, shownRecord),
      limit: limitOf(flags, output.form),
      total: isWhole ? counters.file[status] : undefined,
    });
  },
});
