import * as z from 'zod';
import { command } from '../shared/cli/command.ts';
import { main } from '../shared/cli/entry.ts';
import { duration } from '../shared/cli/flags.ts';
import { SNAPSHOT_COLUMNS, snapshotLine, snapshotLines } from './views/snapshot-view.ts';
import { takeSnapshots } from './views/snapshots.ts';

const USUAL_INTERVAL_MILLIS = 2_000;
const DAY_MILLIS = 86_400_000;

export const watch = command({
  name: 'watch',
  description: 'Shows counts, rates, lag and the oldest files in flight, refreshed until Ctrl-C',
  flags: z.object({
    interval: duration
      .refine((millis = USUAL_INTERVAL_MILLIS) => millis >= 100 && millis <= DAY_MILLIS, {
        error: 'allowed: from 0.1s to 1d',
      })
      .describe(`The time between two refreshes (default: ${USUAL_INTERVAL_MILLIS / 1_000}s)`)
      .meta({ allowed: 'a length of time from 0.1s to 1d' }),
    count: z.int().min(1).max(1_000_000).optional().describe('Stop after N refreshes'),
  }),
  examples: [
    ['--env local', 'this machine, refreshed in place on a terminal'],
    ['--count 1 --json', 'once, for a script'],
    ['--interval 1m --output csv > day.csv', 'one line per minute, for a chart'],
  ],
  async run(context) {
    const { flags, output, interrupted } = context;
    const { interval: intervalMillis = USUAL_INTERVAL_MILLIS, count } = flags;
    const stop = AbortSignal.any([interrupted, output.closed]);
    const snapshots = takeSnapshots(context, { intervalMillis, count, stop });
    if (output.form !== 'table') {
      await output.list(SNAPSHOT_COLUMNS, snapshots, interrupted);
      return;
    }
    for await (const snapshot of snapshots)
      await output.live((screen) => snapshotLines(snapshot, screen), snapshotLine(snapshot));
  },
});

await main(import.meta, watch);
