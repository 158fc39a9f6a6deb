import * as z from 'zod';
import { ask } from '../shared/cli/ask.ts';
import { dateFlags } from '../shared/cli/common-flags.ts';
import { closedRange, resolveDates } from '../shared/cli/dates.ts';
import { runCommand } from '../shared/cli/run-command.ts';
import { statsView } from '../shared/cli/stats-view.ts';
import { getStats } from '../shared/operations/get-stats.ts';
import { datesBetween } from '../shared/text/time.ts';
import { statsByDate, statsRangeView, sumStats } from './views/stats-range-view.ts';

await runCommand({
  name: 'stats',
  description: 'How many files are in each status: in all, of one date, or of each date in a range',
  flags: z.object(dateFlags),
  examples: [
    ['--env local', 'everything on this machine'],
    ['--date today', "today's files"],
    ['--from 2026-11-01 --to 2026-11-30', 'a month by dates, with totals and trend'],
    ['--from 2026-11-01 --output csv', 'up to today, for a spreadsheet'],
  ],
  async run({ flags, service, output, progress, now }) {
    const range = closedRange(resolveDates(flags, now), now);
    if (!range || flags.date) {
      const stats = await ask(service, getStats, { date_prefix: range?.start });
      await output.answer(stats, statsView(stats, now));
      return;
    }
    const dates = datesBetween(range.start, range.end);
    const bar = progress('dates', dates.length);
    const stats = await statsByDate(service, dates, (count) => bar.update(count));
    bar.end();
    await output.answer({ ...range, dates: stats, totals: sumStats(stats) }, statsRangeView(stats));
  },
});
