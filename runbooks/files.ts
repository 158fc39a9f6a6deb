import * as z from 'zod';
import { command } from '../shared/cli/command.ts';
import { closedRange, dateFlags, resolveDates } from '../shared/cli/dates.ts';
import { main } from '../shared/cli/entry.ts';
import { duration, limitOf, listFlags } from '../shared/cli/flags.ts';
import { printList } from '../shared/cli/output.ts';
import { unknownAges } from '../shared/cli/unknown-ages.ts';
import { shownRecord } from '../shared/operations/answers.ts';
import { eachFile } from '../shared/pipeline/listings.ts';
import { STATUSES } from '../shared/pipeline/status.ts';
import type { TrackingRecord } from '../shared/pipeline/tracking-table.ts';
import { readCounters } from '../shared/projection/counter-items.ts';
import { usageError } from '../shared/text/refused.ts';
import { fileColumns } from './views/record-columns.ts';

export const files = command({
  name: 'files',
  description: 'Lists the files of a status or of a date, oldest date first, however many',
  flags: z.object({
    status: z.enum(STATUSES).optional().describe('Only files in this status'),
    ...dateFlags,
    olderThan: duration.describe(
      'Only files in their status for longer than this; one of unknown age is left out',
    ),
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
    const { flags, deps, output, now, note } = context;
    const { status, olderThan } = flags;
    const dates = resolveDates(flags, now);
    const range = status ? dates : closedRange(dates, now);
    if (!range) {
      throw usageError(
        'Received neither a status nor a date.',
        'Add --status failed, for example, or --date today.',
      );
    }
    const counters = await readCounters(deps.projection, undefined);
    const ages = unknownAges();
    const found = ages.older(deps.projection, eachFile(deps.tracking, { status, range }, counters.suffixes), {
      olderThan,
      now,
    });
    const isWhole = status && !range.start && !range.end && olderThan === undefined;
    await printList(context, {
      things: 'files',
      columns: fileColumns(now),
      rows: shown(found),
      limit: limitOf(flags, output.form),
      total: isWhole ? counters.file[status] : undefined,
    });
    ages.note(note);
  },
});

async function* shown(records: AsyncIterable<TrackingRecord>): AsyncGenerator<TrackingRecord, void> {
  for await (const record of records) yield shownRecord(record);
}

await main(import.meta, files);
