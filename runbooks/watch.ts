import * as z from 'zod';
import { duration } from '../shared/cli/common-flags.ts';
import { runCommand } from '../shared/cli/run-command.ts';
import { watchTicks } from './views/watch-ticks.ts';
import { TICK_COLUMNS, tickLine, tickLines } from './views/watch-view.ts';

const USUAL_INTERVAL_MILLIS = 2_000;

await runCommand({
  name: 'watch',
  description: 'Counts, rates, lag and the oldest files in flight, again and again until Ctrl-C',
  flags: z.object({
    interval: duration.describe(`How long between two looks (without it: ${USUAL_INTERVAL_MILLIS / 1_000}s)`),
    count: z.int().min(1).max(1_000_000).optional().describe('End after so many looks'),
  }),
  examples: [
    ['--env local', 'this machine, refreshed in place on a terminal'],
    ['--count 1 --json', 'one look, for a script'],
    ['--interval 1m --output csv > day.csv', 'a line a minute, for a chart'],
  ],
  async run({ flags, service, target, output, interrupted }) {
    const { interval: intervalMillis = USUAL_INTERVAL_MILLIS, count } = flags;
    const stop = AbortSignal.any([interrupted, output.closed]);
    const ticks = watchTicks(service, target, { intervalMillis, count, stop });
    if (output.form !== 'table') {
      await output.list(TICK_COLUMNS, ticks, interrupted);
      return;
    }
    for await (const tick of ticks) await output.live((screen) => tickLines(tick, screen), tickLine(tick));
  },
});
