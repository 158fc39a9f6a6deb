import * as z from 'zod';
import type { RunContext } from '../shared/cli/command.ts';
import { dateFlags } from '../shared/cli/common-flags.ts';
import { resolveDates } from '../shared/cli/dates.ts';
import { printList } from '../shared/cli/print-list.ts';
import { projectionContext } from '../shared/cli/projection-context.ts';
import { runCommand } from '../shared/cli/run-command.ts';
import type { Column } from '../shared/cli/table.ts';
import { writeFlags } from '../shared/cli/write-flags.ts';
import { type DriftedFile, driftConfirmer, type ResolveDrift } from '../shared/consistency/confirm-drift.ts';
import { eachDrift } from '../shared/consistency/date-audit.ts';
import { listDates } from '../shared/projection/dates.ts';
import { recountAll, recountDate, repairCounters } from '../shared/projection/recount.ts';
import { repairRecords } from '../shared/projection/repair.ts';

const flags = z.object({
  ...dateFlags,
  wait: z
    .number()
    .min(0)
    .max(3_600)
    .default(10)
    .describe('Seconds to wait before a difference counts: shorter ones are the ordinary lag of the stream'),
  ...writeFlags,
});

const COLUMNS: Column<DriftedFile>[] = [
  { name: 'drift', value: ({ drift }) => drift, paint: (_row, text, paint) => paint('warning', text) },
  { name: 'repaired', value: ({ repaired }) => (repaired ? 'repaired' : 'no') },
  { name: 'date_prefix', title: 'date', value: ({ date_prefix }) => date_prefix },
  { name: 'file_key', title: 'file', value: ({ file_key }) => file_key, shorten: true },
];
const PAGE = { keys: 5_000, waiting: 2_000 };

await runCommand({
  name: 'repair',
  description: 'Finds heads and counters that disagree with the tracking table, and makes them agree',
  flags,
  examples: [
    ['--date today --env local', 'what differs today on this machine'],
    ["--from 2026-11-01 --apply --reason 'the stream was off'", 'repairs every date since'],
  ],
  async run(context) {
    const { note, again } = context;
    if (context.flags.apply) await context.confirm('Repair the projection of the records');
    const dates = await datesOf(context);
    const found = await printList(context, {
      things: 'drifted heads',
      columns: COLUMNS,
      rows: drift(context, dates),
    });
    const counters = await recount(context, dates);
    const written = context.flags.apply || found + counters === 0;
    if (!written) note(`Nothing was written. To repair: ${again(['--apply', '--reason', 'WHY'])}`);
    return undefined;
  },
});

/** Dates that have heads, and those that were asked for: their records may have none yet. */
async function datesOf({
  flags: given,
  service,
  now,
}: RunContext<z.output<typeof flags>>): Promise<string[]> {
  const { start, end } = resolveDates(given, now);
  const known = await listDates(service.projection);
  const asked = [start, end].filter((date) => date !== undefined);
  const all = [...new Set([...known, ...asked])].sort();
  return all.filter((date) => (!start || date >= start) && (!end || date <= end));
}

async function* drift(context: RunContext<z.output<typeof flags>>, dates: readonly string[]) {
  const { service, now, interrupted } = context;
  const { tracking, projection, storage } = service;
  const resolveDrift = resolverFor(context);
  for (const date of dates) {
    if (interrupted.aborted) return;
    yield* eachDrift({
      tracking,
      projection,
      storage,
      now,
      date,
      graceMillis: 0,
      resolveDrift,
      pageSize: PAGE,
    });
  }
}

function resolverFor(context: RunContext<z.output<typeof flags>>): ResolveDrift {
  const { service, flags: given } = context;
  const waitMillis = given.wait * 1_000;
  if (!given.apply) {
    return driftConfirmer(service, () => service.sleep(waitMillis));
  }
  return async (keys) => {
    const results = await repairRecords(keys, waitMillis, projectionContext(context));
    return results.map(({ date_prefix, file_key, drift: kind, outcome }) => ({
      ...{ date_prefix, file_key, drift: kind },
      repaired: outcome === 'repaired',
    }));
  };
}

/** @returns how many counters differ from their heads, of the dates and, with all of them, of everything */
async function recount(
  context: RunContext<z.output<typeof flags>>,
  dates: readonly string[],
): Promise<number> {
  const { service, note, flags: given } = context;
  const wholes = given.date || given.from || given.to ? [] : [undefined];
  let differ = 0;
  for (const date of [...dates, ...wholes]) {
    const found =
      date === undefined ? await recountAll(service.projection) : await recountDate(service.projection, date);
    const name = date ?? 'everything';
    if (!found.quiet) note(`The counters of ${name} cannot be compared while files move: try again later.`);
    else if (Object.keys(found.missing).length > 0) {
      differ += 1;
      const repaired = given.apply && (await repairCounters(found, projectionContext(context)));
      note(
        `The counters of ${name} differ by ${JSON.stringify(found.missing)}${repaired ? ': repaired' : ''}.`,
      );
    }
  }
  return differ;
}
