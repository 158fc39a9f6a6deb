import * as z from 'zod';
import { resumeChange } from '../shared/changes/apply.ts';
import { type Change, type ChangeFile, mayBeUndone } from '../shared/changes/change.ts';
import { eachChangeFile } from '../shared/changes/change-file-table.ts';
import { requireListed } from '../shared/changes/change-table.ts';
import { closeChange } from '../shared/changes/close.ts';
import { PLAN_DAYS_KEPT } from '../shared/changes/plan-table.ts';
import { refuseBusy } from '../shared/cli/busy.ts';
import { changeColumns, eachChange, shownChanges } from '../shared/cli/change-list.ts';
import { changeRequestOf, RESULT_COLUMNS, runAndReport } from '../shared/cli/change-report.ts';
import { changeLines, nextSteps, whyNoClosing, whyNoResumption } from '../shared/cli/change-state.ts';
import { command, type RunContext } from '../shared/cli/command.ts';
import { date, resolveDates } from '../shared/cli/dates.ts';
import { main } from '../shared/cli/entry.ts';
import {
  changeIdFlag,
  limitOf,
  listFlags,
  planFlags,
  type WriteValues,
  writeFlags,
} from '../shared/cli/flags.ts';
import { printList } from '../shared/cli/output.ts';
import type { Column } from '../shared/cli/table.ts';
import { type ShownChangeFile, shownChange, shownChangeFile } from '../shared/operations/change-requests.ts';
import type { DateRange } from '../shared/pipeline/status-index.ts';
import { usageError } from '../shared/text/refused.ts';
import { addDays, isCalendarDate } from '../shared/text/time.ts';
import { utcText } from '../shared/text/time-text.ts';

const flags = z
  .object({
    change: changeIdFlag.optional().describe('The id of one change, to list its files'),
    resume: z.boolean().default(false).describe('Resume it; what is done is not repeated'),
    close: z.boolean().default(false).describe('Close it as it is, instead of resuming it'),
    audit: z
      .boolean()
      .default(false)
      .describe(
        'Export the audit trail: one row for each file of the changes, and one for a change without files',
      ),
    from: date.describe('Only changes made from this date on'),
    to: date.describe('Only changes made up to this date'),
    rate: planFlags.rate.describe(
      'With --resume: maximum number of files to write per second (default: as before)',
    ),
    watch: planFlags.watch.describe('With --resume --apply: wait until the files have settled'),
    ...listFlags,
    ...writeFlags,
  })
  .refine(({ change, from }) => change === undefined || from === undefined, {
    path: ['from'],
    error: 'allowed: only without the id of a change',
  })
  .refine(({ change, to }) => change === undefined || to === undefined, {
    path: ['to'],
    error: 'allowed: only without the id of a change',
  })
  .refine(({ audit, resume, close }) => !audit || !(resume || close), {
    path: ['audit'],
    error: 'allowed: not together with --resume or --close',
  })
  .refine(({ apply, resume, close }) => !apply || resume || close, {
    path: ['apply'],
    error: 'allowed: only together with --resume or --close',
  });

export const changes = command({
  name: 'changes',
  description:
    'Lists the changes that operators made, or the files of one; resumes or closes an interrupted change',
  flags,
  positional: 'change',
  buckets: true,
  examples: [
    ['--env local', 'the latest changes on this machine'],
    ['20261123T052253532Z-1a2b3c4d', 'who made it, why, and what happened to each file'],
    ['--audit --from 2026-11-01 --output ndjson', 'the audit trail of everything since then, file by file'],
    ["20261123T052253532Z-1a2b3c4d --resume --apply --reason 'interrupted'", 'resumes it'],
  ],
  async run(context) {
    const { flags, deps, output, now, note } = context;
    const limit = limitOf(flags, output.form);
    if (flags.resume && flags.close) {
      throw usageError(
        'Received both --resume and --close.',
        'Use one of them: resume it, or close it as it is.',
      );
    }
    if (flags.change === undefined) {
      if (flags.resume || flags.close) {
        const flag = flags.resume ? 'resume' : 'close';
        throw usageError(`--${flag}: received no change to ${flag}.`, 'Add the id of a change.');
      }
      const range = resolveDates({ from: flags.from, to: flags.to }, now);
      for (const [flag, day] of [
        ['from', range.start],
        ['to', range.end],
      ]) {
        if (day !== undefined && !isCalendarDate(day))
          throw usageError(
            `--${flag}: received "${day}", allowed: a date of the calendar.`,
            'Changes are dated by the day on which they were made.',
          );
      }
      const made = madeWithin(eachChange(deps), range);
      if (flags.audit) return printAudit(context, made, limit);
      await printList(context, {
        things: 'changes',
        columns: changeColumns(now),
        rows: shownChanges(made),
        limit,
      });
      return;
    }
    const change = await requireListed(deps, flags.change);
    if (flags.audit) return printAudit(context, [change], limit);
    note(changeLines(change).join('\n'));
    if (flags.resume && flags.apply) {
      refuseBusy(context, change);
      if (change.state !== 'done') await context.confirm(`Resume change ${change.id}`);
      const whole = { ...context, flags: { ...flags, maxChanges: change.files } };
      return runAndReport(whole, change.id, (options) =>
        resumeChange(deps, change.id, deps.actor, { ...options, resumedFor: flags.reason }),
      );
    }
    if (flags.close && flags.apply) return close(context, change);
    const rows = shownFiles(eachChangeFile(deps.projection, change.id));
    await printList(context, { things: 'files', columns: RESULT_COLUMNS, rows, limit });
    const apply = () => context.again(['--apply', '--reason', 'WHY']);
    if (flags.resume)
      note(whyNoResumption(context, change) ?? `Nothing was written. To resume it: ${apply()}`);
    if (flags.close) note(whyNoClosing(change) ?? `Nothing was written. To close it as it is: ${apply()}`);
    if (!flags.resume && !flags.close) for (const step of nextSteps(context, change)) note(step);
    return;
  },
});

async function* shownFiles(files: AsyncIterable<ChangeFile>): AsyncGenerator<ShownChangeFile> {
  for await (const file of files) yield shownChangeFile(file);
}

/** One file of a change, with everything known about the change, as the operations show both. */
interface AuditRow {
  readonly change: ReturnType<typeof shownChange>;
  /** Left out where a change is about no file, such as a repair of the projection. */
  readonly file?: ReturnType<typeof shownChangeFile>;
}

const AUDIT_COLUMNS: Column<AuditRow>[] = [
  { name: 'change_id', title: 'change', value: ({ change }) => change.change_id },
  {
    name: 'created_at',
    title: 'made',
    value: ({ change }) => change.created_at,
    text: ({ change }) => utcText(change.created_at),
    priority: 2,
  },
  { name: 'origin', value: ({ change }) => change.origin, priority: 3 },
  { name: 'result', value: ({ file }) => file?.result },
  { name: 'date_prefix', title: 'date', value: ({ file }) => file?.date_prefix },
  { name: 'file_key', title: 'file', value: ({ file }) => file?.file_key, whole: true },
  { name: 'actor', value: ({ change }) => change.actor.identity, whole: true, priority: 1 },
  { name: 'reason', value: ({ change }) => change.reason },
];

async function printAudit(
  context: RunContext,
  changes: AsyncIterable<Change> | Iterable<Change>,
  limit: number | undefined,
): Promise<undefined> {
  const rows = eachAudited(context, changes);
  await printList(context, { things: 'files of changes', columns: AUDIT_COLUMNS, rows, limit });
  return;
}

async function* eachAudited(
  { deps }: RunContext,
  changes: AsyncIterable<Change> | Iterable<Change>,
): AsyncGenerator<AuditRow> {
  for await (const each of changes) {
    const change = shownChange(each);
    let isEmpty = true;
    for await (const file of eachChangeFile(deps.projection, each.id)) {
      isEmpty = false;
      yield { change, file: shownChangeFile(file) };
    }
    if (isEmpty) yield { change };
  }
}

/**
 * Changes come in the order of their ids, newest first. A stored plan's change has the plan's id, which is from when the
 * plan was stored: it may come far behind changes that were made before it.
 */
async function* madeWithin(
  changes: AsyncIterable<Change>,
  { start, end }: DateRange,
): AsyncGenerator<Change> {
  // DynamoDB removes what has expired some days late.
  const earliest = start && addDays(start, -2 * PLAN_DAYS_KEPT).replaceAll('-', '');
  for await (const change of changes) {
    if (earliest !== undefined && change.id < earliest) return;
    const day = change.createdAt.slice(0, 10);
    if ((start === undefined || day >= start) && (end === undefined || day <= end)) yield change;
  }
}

async function close(context: RunContext<WriteValues>, change: Change): Promise<undefined> {
  const { id } = change;
  const { deps, flags, note } = context;
  await context.confirm(`Close change ${id} as it is`);
  await closeChange(deps, id, changeRequestOf(deps, { reason: flags.reason }));
  const undoing = mayBeUndone(change)
    ? `To undo what it did: ${context.commandLine('undo', [id])}`
    : 'It changed no file.';
  note(`Change ${id} is closed. ${undoing}`);
}

await main(import.meta, changes);
