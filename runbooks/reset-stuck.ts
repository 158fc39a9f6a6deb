import * as z from 'zod';
import { selectFiles } from '../shared/changes/selection.ts';
import { command } from '../shared/cli/command.ts';
import { dateFlags, resolveDates } from '../shared/cli/dates.ts';
import { main } from '../shared/cli/entry.ts';
import { force, planFlags } from '../shared/cli/flags.ts';
import { noteIncomplete } from '../shared/cli/incomplete.ts';
import { runPlan } from '../shared/cli/plan.ts';
import { leftOutNotes } from '../shared/cli/resets.ts';
import { unknownAges } from '../shared/cli/unknown-ages.ts';
import { stuckHours, stuckStatus } from '../shared/operations/inputs.ts';
import { type NarrowedStatus, narrowedText } from '../shared/operations/resets.ts';
import { limitsOfProfile } from '../shared/orphans/limits.ts';
import { readSuffixes } from '../shared/projection/counter-items.ts';
import { hoursText } from '../shared/text/time-text.ts';

const selection = {
  hours: stuckHours.describe(
    "Minimum hours in the current status (default: the profile's limit for it); files of unknown age are left out",
  ),
  status: z
    .array(stuckStatus)
    .min(1)
    .default([...stuckStatus.options])
    .describe('The status in which files are stuck'),
  ...dateFlags,
  whole: z
    .boolean()
    .default(false)
    .describe('Check every file in these statuses, even where the counters say that none is stuck'),
  force,
};

export const resetStuck = command({
  name: 'reset-stuck',
  description: 'Resets stuck files to pending, except those whose job may still run or would fail again',
  flags: z.object({ ...selection, ...planFlags }),
  buckets: true,
  examples: [
    ['--hours 2 --env local', 'what would be reset on this machine, and the command that does it'],
    ['--hours 2 --status manifested --date today', 'only those'],
    ["--hours 2 --apply --reason 'Glue was down'", 'resets them, after confirmation'],
    ['--hours 2 --plan-out stuck.ndjson', 'saves the plan, to review it'],
  ],
  run: (context) =>
    runPlan(context, 'reset-stuck', selection, async function* () {
      const { flags, deps, now, note } = context;
      const ages = unknownAges();
      const suffixes = await readSuffixes(deps.projection);
      noteIncomplete(context, suffixes);
      const range = resolveDates(flags, now);
      const notes = leftOutNotes(context);
      const narrowed: NarrowedStatus[] = [];
      const limits = limitsOfProfile(deps.profile);
      const chosen = {
        statuses: flags.status,
        suffixes,
        range,
        olderThanHours: flags.hours ?? { ...limits },
        overdueOnly: !flags.whole,
        onNarrowed: (status: string, { length }: readonly string[]) =>
          void narrowed.push({ status, dates: length }),
        onAgeUnknown: ages.onAgeUnknown,
        onLeftOut: notes.add,
      };
      const stuck = selectFiles(deps, chosen, { new_status: 'pending', force: flags.force }, now);
      const searched = (status: (typeof flags.status)[number]) =>
        `${status} for more than ${hoursText(flags.hours ?? limits[status])}`;
      let found = 0;
      for await (const { entry } of stuck) {
        found += 1;
        yield entry;
      }
      if (found === 0) note(`Searched for what has been ${flags.status.map(searched).join(' or ')}.`);
      ages.note(note);
      notes.end();
      if (narrowed.length > 0) note(narrowedText(narrowed, '--whole'));
    }),
});

await main(import.meta, resetStuck);
