import * as z from 'zod';
import { ask } from '../shared/cli/ask.ts';
import { command } from '../shared/cli/command.ts';
import { closedRange, dateFlags, resolveDates } from '../shared/cli/dates.ts';
import { main } from '../shared/cli/entry.ts';
import { getStats } from '../shared/operations/get-stats.ts';
import { readLearntLimits } from '../shared/orphans/learnt-limits.ts';
import { datesIn, listDates } from '../shared/projection/dates.ts';
import { readFlowCounts } from '../shared/statistics/flow-counts.ts';
import { field, Refused } from '../shared/text/refused.ts';
import { flowView } from './views/flow-view.ts';
import { sendersView } from './views/senders-view.ts';
import { statsByDate, statsRangeView, statsView, sumStats } from './views/stats-view.ts';

export const stats = command({
  name: 'stats',
  description: 'Shows how many files are in each status: in total, of one date, or of each date in a range',
  flags: z
    .object({
      ...dateFlags,
      senders: z
        .boolean()
        .default(false)
        .describe('The counts of each sender, with failures and late files: of everything, or of one date'),
      durations: z
        .boolean()
        .default(false)
        .describe(
          'How long files took for each step, and how large they were, over these dates (default: the last 31), with learnt limits from the last four weeks',
        ),
    })
    .refine(({ durations, senders }) => !(durations && senders), {
      path: ['durations'],
      error: 'allowed: not together with --senders',
    }),
  examples: [
    ['--env local', 'everything on this machine'],
    ['--date today', "today's files"],
    ['--from 2026-11-01 --to 2026-11-30', 'a month by date, with totals and trend'],
    ['--date today --senders', "who sent today's files, and whose files failed or are late"],
    ['--from 2026-11-01 --durations', 'how long files took, and their sizes, over these dates'],
    ['--from 2026-11-01 --output csv', 'up to today, for a spreadsheet'],
  ],
  async run({ flags, deps, target, output, progress, now }) {
    const range = closedRange(resolveDates(flags, now), now);
    if (flags.durations) {
      const { projection } = deps;
      const dates = range ? await datesIn(projection, range) : (await listDates(projection)).slice(-31);
      const [flow, learnt] = await Promise.all([
        readFlowCounts(projection, dates),
        readLearntLimits(projection, deps.profile, now),
      ]);
      const answer = { ...flow, learnt_limits: learnt ?? null };
      await output.answer(answer, flowView(answer, target.environment));
      return;
    }
    if (flags.senders) {
      const date_prefix = oneDate(range);
      const { by_sender = null } = await ask(deps, getStats, { date_prefix, senders: true });
      await output.answer({ by_sender }, sendersView(by_sender));
      return;
    }
    if (!range || flags.date) {
      const counted = await ask(deps, getStats, { date_prefix: range?.start, in_flight: true });
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

/** Senders are counted per date and in total: a sum over dates would need all senders of each date. */
function oneDate(range: ReturnType<typeof closedRange>): string | undefined {
  if (range && range.start !== range.end) {
    throw new Refused(
      'USAGE',
      '--senders takes one date, or none.',
      `Give ${field('date')} DATE, or leave ${field('from')} and ${field('to')} out for everything.`,
    );
  }
  return range?.start;
}

await main(import.meta, stats);
