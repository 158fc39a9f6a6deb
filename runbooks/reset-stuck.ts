import * as z from 'zod';
import { type Selected, selectFiles } from '../shared/changes/selection.ts';
import { dateFlags } from '../shared/cli/common-flags.ts';
import { resolveDates } from '../shared/cli/dates.ts';
import { mapEach } from '../shared/cli/map-each.ts';
import { planFlags } from '../shared/cli/plan-flags.ts';
import { runPlan } from '../shared/cli/plan-run.ts';
import { runCommand } from '../shared/cli/run-command.ts';
import { readCounters } from '../shared/projection/projection-table.ts';

await runCommand({
  name: 'reset-stuck',
  description: 'Puts files that are stuck back to pending; a file that moves meanwhile is left alone',
  flags: z.object({
    hours: z.number().min(0).max(87_600).default(2).describe('Longer than so many hours in their status'),
    status: z
      .array(z.enum(['processing', 'manifested']))
      .min(1)
      .default(['processing', 'manifested'])
      .describe('Where files are stuck'),
    ...dateFlags,
    ...planFlags,
  }),
  examples: [
    ['--hours 2 --env local', 'what would be reset on this machine, and the command that does it'],
    ['--hours 2 --status manifested --date today', 'only those'],
    ["--hours 2 --apply --reason 'Glue was down'", 'resets them, after a question'],
    ['--hours 2 --plan-out stuck.ndjson', 'saves the plan, to look through it'],
  ],
  run: (context) =>
    runPlan(context, 'reset-stuck', async function* () {
      const { flags, service, now } = context;
      const { suffixes } = await readCounters(service.projection, undefined);
      const range = resolveDates(flags, now);
      const selection = { statuses: flags.status, suffixes, range, olderThanHours: flags.hours };
      const stuck = selectFiles(service.tracking, selection, { new_status: 'pending' }, now);
      yield* mapEach(stuck, ({ entry }: Selected) => entry);
    }),
});
