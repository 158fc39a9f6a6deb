import * as z from 'zod';
import { askPages } from '../shared/cli/ask.ts';
import { command, type RunContext } from '../shared/cli/command.ts';
import { dateFlags, resolveDates } from '../shared/cli/dates.ts';
import { main } from '../shared/cli/entry.ts';
import { limitFlags, limitInput, limitOf, limitsOf, listFlags } from '../shared/cli/flags.ts';
import { noteHealing } from '../shared/cli/healing-note.ts';
import { printList } from '../shared/cli/output.ts';
import { type Column, statusColumn } from '../shared/cli/table.ts';
import { unknownAges } from '../shared/cli/unknown-ages.ts';
import type { shownVerdict } from '../shared/operations/answers.ts';
import { findOrphans as operation } from '../shared/operations/find-orphans.ts';
import { ageRules } from '../shared/operations/inputs.ts';
import { limitArgs } from '../shared/orphans/limits.ts';
import { ORPHAN_KINDS, type OrphanKind } from '../shared/orphans/verdict.ts';
import { lastDayOf } from '../shared/reports/acknowledgements.ts';
import { grouped } from '../shared/text/number-text.ts';
import { hoursText } from '../shared/text/time-text.ts';

const flags = z.object({
  ...limitFlags,
  kind: z.array(z.enum(ORPHAN_KINDS)).min(1).optional().describe('Only these kinds'),
  ...dateFlags,
  includeAcknowledged: z
    .boolean()
    .default(false)
    .describe('Also list acknowledged ones, with their end and reason'),
  ...listFlags,
});

/** An orphan as it is printed. */
type OrphanRow = ListedOrphan & { readonly kind: string };

/** An orphan in the operation's answer. */
type ListedOrphan = ReturnType<typeof shownVerdict> & {
  readonly acknowledged?: { readonly until: string; readonly reason: string } | undefined;
};

const COLUMNS: Column<OrphanRow>[] = [
  { name: 'kind', value: ({ kind }) => kind, color: (_row, text, colorize) => colorize('warning', text) },
  statusColumn(),
  {
    name: 'hours_stuck',
    title: 'for',
    value: ({ hours_stuck }) => hours_stuck ?? undefined,
    text: ({ hours_stuck }) => (hours_stuck === null ? 'age unknown' : hoursText(hours_stuck)),
    align: 'right',
  },
  {
    name: 'recommended_change',
    title: 'do',
    value: ({ recommended_change }) => recommended_change,
    text: ({ recommended_change, needs_force }) =>
      needs_force ? `${recommended_change}, needs force` : recommended_change,
  },
  { name: 'date_prefix', title: 'date', value: ({ date_prefix }) => date_prefix, priority: 2 },
  { name: 'file_key', title: 'file', value: ({ file_key }) => file_key, whole: true },
  { name: 'cause', value: ({ cause }) => cause, priority: 1 },
  {
    name: 'acknowledged',
    title: 'known',
    value: ({ acknowledged: known }) => known && `until ${lastDayOf(known)}: ${known.reason}`,
    priority: 4,
  },
  { name: 'summary', value: ({ summary }) => summary, only: 'csv' },
  { name: 'commands', value: ({ commands }) => commands?.join('; '), only: 'csv' },
];

export const findOrphans = command({
  name: 'find-orphans',
  description: 'Lists the files and manifests that are stuck for good, why, and what would fix them',
  flags,
  buckets: true,
  examples: [
    ['--env local', 'all of them on this machine'],
    ['--hours 4 --date today', "today's, with another limit"],
    ['--kind missing_outputs --output ndjson', 'one kind with all its evidence, one per line'],
  ],
  async run(context) {
    const { flags: given, output, note, commandLine } = context;
    const limit = limitOf(given, output.form);
    const told: Told = {};
    const rows = orphans(context, told);
    const found = await printList(context, { things: 'orphans', columns: COLUMNS, rows, limit });
    if (found > 0) {
      const explain = commandLine('explain', ['FILE', ...limitArgs(limitsOf(given), given.grace)]);
      note(`The evidence for one of them, and the next command: ${explain}`);
    } else noteLimits(context);
    await noteHealing(context, told.healing);
  },
});

/** That nothing was found says little unless one knows what was searched for. */
function noteLimits({ flags: given, deps, note }: RunContext<z.output<typeof flags>>): void {
  const { limits, graceHours } = ageRules(limitInput(given), deps.profile);
  note(
    `Searched for what has been pending for more than ${hoursText(limits.pending)}, manifested for ${hoursText(limits.manifested)} or processing for ${hoursText(limits.processing)}, and for completed files older than ${hoursText(graceHours)}.`,
  );
}

/** What an answer says beside the orphans. */
interface Told {
  healing?: Parameters<typeof noteHealing>[1];
}

/** Page by page, for as long as somebody reads. */
async function* orphans(context: RunContext<z.output<typeof flags>>, told: Told) {
  const { flags: given, deps, note, now, commandLine, aimed } = context;
  const input = { ...limitInput(given), kinds: given.kind, date_range: resolveDates(given, now) };
  const listing = { ...input, include_acknowledged: given.includeAcknowledged };
  let unknown = 0;
  let incomplete: string | undefined;
  let unknownStatus: string | undefined;
  let unverifiable = 0;
  let acknowledged = 0;
  const ages = unknownAges();
  for await (const answer of askPages(deps, operation, listing)) {
    // The list may end in the middle of this page.
    told.healing = answer.last_sweep?.healing;
    yield* rowsOf(answer.orphans, aimed);
    unknown += answer.unknown;
    incomplete = answer.incomplete;
    unknownStatus = answer.unknown_status?.message;
    unverifiable += answer.unverifiable;
    acknowledged += answer.acknowledged;
    if (answer.age_unknown) ages.add(answer.age_unknown);
  }
  if (incomplete) note(incomplete);
  if (unknownStatus) {
    const list = commandLine('files', ['--status', 'unknown']);
    note(`${unknownStatus}\n${list}\ndocs/pipeline.md says which statuses a pipeline has.`);
  }
  if (unknown > 0)
    note(`${grouped(unknown)} could not be checked and are not included. Try again in a moment.`);
  if (acknowledged > 0 && !given.includeAcknowledged) {
    note(
      `${grouped(acknowledged)} acknowledged and not included. To list acknowledgements: ${commandLine('acknowledge', [])}`,
    );
  }
  ages.note(note);
  if (unverifiable > 0) note(`${grouped(unverifiable)} completed too long ago to be verified; not included.`);
}

function rowsOf(found: Partial<Record<OrphanKind, ListedOrphan[]>>, aimed: RunContext['aimed']): OrphanRow[] {
  const aimedRow = (row: ListedOrphan) => ({
    ...row,
    summary: aimed(row.summary),
    ...(row.commands && { commands: row.commands.map(aimed) }),
  });
  return Object.entries(found).flatMap(([kind, rows]) => rows.map((row) => ({ kind, ...aimedRow(row) })));
}

await main(import.meta, findOrphans);
