import * as z from 'zod';
import { noteUpkeep } from '../shared/changes/upkeep.ts';
import { changeRequestOf } from '../shared/cli/change-report.ts';
import { command, type RunContext } from '../shared/cli/command.ts';
import { dateFlags, resolveDates } from '../shared/cli/dates.ts';
import { main } from '../shared/cli/entry.ts';
import { writeFlags } from '../shared/cli/flags.ts';
import { printList } from '../shared/cli/output.ts';
import type { Column } from '../shared/cli/table.ts';
import { eachDrift } from '../shared/consistency/date-audit.ts';
import {
  type DriftedFile,
  driftConfirmer,
  driftRepairer,
  type ResolveDrift,
} from '../shared/consistency/resolve-drift.ts';
import { listDates } from '../shared/projection/dates.ts';
import { missingIn, nextCorrection, recountDate, repairCounters } from '../shared/projection/recount.ts';
import { recountAll } from '../shared/projection/recount-all.ts';
import { grouped } from '../shared/text/number-text.ts';
import { EXIT } from '../shared/text/refused.ts';
import { isInRange } from '../shared/text/time.ts';

const flags = z.object({
  ...dateFlags,
  wait: z
    .number()
    .min(0)
    .max(3_600)
    .default(10)
    .describe('Seconds that a difference must last; a shorter one is the usual lag of the stream'),
  ...writeFlags,
});

const COLUMNS: Column<DriftedFile>[] = [
  { name: 'drift', value: ({ drift }) => drift, color: (_row, text, colorize) => colorize('warning', text) },
  { name: 'repaired', value: ({ repaired }) => (repaired ? 'repaired' : 'no') },
  { name: 'date_prefix', title: 'date', value: ({ date_prefix }) => date_prefix },
  { name: 'file_key', title: 'file', value: ({ file_key }) => file_key, whole: true },
];

type Context = RunContext<z.output<typeof flags>>;

const PAGE = { keys: 5_000, waiting: 2_000 };

export const repair = command({
  name: 'repair',
  description: 'Finds heads and counters that disagree with the tracking table, and makes them agree',
  flags,
  buckets: true,
  examples: [
    ['--date today --env local', 'what differs today on this machine'],
    ["--from 2026-11-01 --apply --reason 'the stream was off'", 'repairs every date since'],
  ],
  async run(context) {
    const { note, again, interrupted } = context;
    if (context.flags.apply) {
      await context.confirm('Repair the projection of the records');
      if (interrupted.aborted) return EXIT.interrupted;
      await noteUpkeep(context.deps, 'repair', changeRequestOf(context.deps, context.flags));
    }
    const dates = await datesOf(context);
    const found = await printList(context, {
      things: 'drifted heads',
      columns: COLUMNS,
      rows: drift(context, dates),
      toEnd: context.flags.apply,
    });
    const { differ, isOpen } = await recount(context, dates);
    const written = context.flags.apply || found + differ === 0;
    if (!written) note(`Nothing was written. To repair: ${again(['--apply', '--reason', 'WHY'])}`);
    if (interrupted.aborted) return EXIT.interrupted;
    return isOpen ? EXIT.partly : EXIT.done;
  },
});

/** Dates that have heads, and those that were asked for, whose records may have none yet. */
async function datesOf({ flags: given, deps, now }: Context): Promise<string[]> {
  const range = resolveDates(given, now);
  const known = await listDates(deps.projection);
  const asked = [range.start, range.end].filter((date) => date !== undefined);
  const all = [...new Set([...known, ...asked])].sort();
  return all.filter((date) => isInRange(range, date));
}

async function* drift(context: Context, dates: readonly string[]) {
  const { deps, now, interrupted } = context;
  const { tracking, projection, storage, profile } = deps;
  const resolveDrift = resolverFor(context);
  for (const date of dates) {
    if (interrupted.aborted) return;
    yield* eachDrift({
      tracking,
      projection,
      storage,
      profile,
      now,
      date,
      graceMillis: 0,
      resolveDrift,
      pageSize: PAGE,
    });
  }
}

function resolverFor({ deps, flags: given }: Context): ResolveDrift {
  const waitMillis = given.wait * 1_000;
  return given.apply ? driftRepairer(deps, waitMillis) : driftConfirmer(deps, () => deps.sleep(waitMillis));
}

interface Recounted {
  /** Of how many dates, and of everything when all dates are meant, the counters differ from the heads. */
  readonly differ: number;
  /** Whether something could not be compared, or not be corrected. */
  readonly isOpen: boolean;
}

async function recount(context: Context, dates: readonly string[]): Promise<Recounted> {
  const { flags: given, interrupted } = context;
  const wholes = given.date || given.from || given.to ? [] : [undefined];
  let differ = 0;
  let isOpen = false;
  for (const date of [...dates, ...wholes]) {
    if (interrupted.aborted) return { differ, isOpen: true };
    const ended = await recountOne(context, date);
    if (ended !== 'agrees') differ += 1;
    if (ended === 'open') isOpen = true;
  }
  return { differ, isOpen };
}

/** Many counters are corrected in several steps. */
async function recountOne(
  { deps, note, flags: given }: Context,
  date: string | undefined,
): Promise<'agrees' | 'differs' | 'open'> {
  const name = date ?? 'everything';
  for (let steps = 0; ; steps++) {
    const found =
      date === undefined
        ? await recountAll({ ...deps, clock: Date.now })
        : await recountDate(deps.projection, date, deps.tracking.senderPath);
    if (!found.quiet) {
      note(
        `The counters of ${name} could not be compared: files kept moving, or a date_prefix is too long to be noted (see stats.ts). Try again later.`,
      );
      return 'open';
    }
    if (Object.keys(missingIn(found)).length === 0) return steps === 0 ? 'agrees' : 'differs';
    if (!given.apply) {
      note(`The counters of ${name} need ${countsText(missingIn(found))}.`);
      return 'differs';
    }
    if (!(await repairCounters(found, deps))) {
      note(`The counters of ${name} were being written by others, and are not corrected. Run this again.`);
      return 'open';
    }
    note(`The counters of ${name} were corrected by ${countsText(missingIn(nextCorrection(found)))}.`);
  }
}

/** Such as `file_pending +2, file_completed -2`. */
function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count > 0 ? '+' : ''}${grouped(count)}`)
    .join(', ');
}

await main(import.meta, repair);
