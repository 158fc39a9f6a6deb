import * as z from 'zod';
import { ask } from '../shared/cli/ask.ts';
import { command } from '../shared/cli/command.ts';
import { closedRange, dateFlags, resolveDates } from '../shared/cli/dates.ts';
import { main } from '../shared/cli/entry.ts';
import { getStats } from '../shared/operations/get-stats.ts';
import { datesIn } from '../shared/projection/dates.ts';
import { statsByDate, statsRangeView, statsView, sumStats } from './views/stats-view.ts';

export const stats = command({
  name: 'stats',
  description: 'Shows how many files are in each status: in total, of one date, or of each date in a range',
  flags: z.object(dateFlags),
  examples: [
    ['--env local', 'everything on this machine'],
    ['--date today', "today's files"],
    ['--from 2026-11-01 --to 2026-11-30', 'a month by dates, with totals and trend'],
    ['--from 2026-11-01 --output csv', 'up to today, for a spreadsheet'],
  ],
  async run({ flags, deps, output, progress, now }) {
    const range = closedRange(resolveDates(flags, now), now);
    if (!range || flags.date) {
      const counted = await ask(deps, getStats, { date_prefix: range?.start });
      await output.answer(counted, statsView(counted, now));
      return;
    }
    const dates = await datesIn(deps.projection, range);
    const bar = progress('dates', dates.length);
    const counted = await statsByDate(deps, dates, (count) => bar.update(count));
    bar.end();
    await output.answer({ ...range, dates: counted, totals: sumStats(counted) }, statsRangeView(counted));
  },
});

await main(import.meta, stats);
