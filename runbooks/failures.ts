import * as z from 'zod';
import { command } from '../shared/cli/command.ts';
import { resolveDate } from '../shared/cli/dates.ts';
import { main } from '../shared/cli/entry.ts';
import { limitOf, listFlags, text } from '../shared/cli/flags.ts';
import { printList } from '../shared/cli/output.ts';
import type { Column } from '../shared/cli/table.ts';
import { type FailureSummary, readFailures } from '../shared/projection/read-failures.ts';

const columns: Column<FailureSummary>[] = [
  { name: 'failed', value: ({ failed }) => failed, align: 'right' },
  { name: 'quarantined', value: ({ quarantined }) => quarantined, align: 'right', priority: 3 },
  { name: 'last_day', title: '24 h', value: ({ last_day }) => last_day, align: 'right', priority: 2 },
  { name: 'last_hours', title: '2 h', value: ({ last_hours }) => last_hours, align: 'right', priority: 2 },
  { name: 'first_seen', value: ({ first_seen }) => first_seen ?? undefined, priority: 4 },
  { name: 'last_seen', value: ({ last_seen }) => last_seen ?? undefined, priority: 4 },
  { name: 'class', value: (row) => row.class },
  { name: 'text', value: (row) => row.text, shorten: true },
];

export const failures = command({
  name: 'failures',
  description: 'Lists why files failed or were refused: how many for each cause, the most frequent first',
  flags: z.object({ date: text('Only files of this date: YYYY-MM-DD, today or yesterday'), ...listFlags }),
  examples: [
    ['--env local', 'every cause on this machine'],
    ['--date today', "why today's files failed"],
    ['--output ndjson', 'one cause to a line'],
  ],
  async run(context) {
    const { flags, deps, output, now } = context;
    const date = flags.date === undefined ? undefined : resolveDate(flags.date, now);
    await printList(context, {
      things: 'classes',
      columns,
      rows: await readFailures(deps.projection, date, now),
      limit: limitOf(flags, output.form),
    });
  },
});

await main(import.meta, failures);
