import * as z from 'zod';
import { askPages } from '../shared/cli/ask.ts';
import { command, type RunContext } from '../shared/cli/command.ts';
import { DATE_TEXTS, date } from '../shared/cli/dates.ts';
import { main } from '../shared/cli/entry.ts';
import { fieldText, limitOf, listFlags } from '../shared/cli/flags.ts';
import { printList } from '../shared/cli/output.ts';
import type { Column } from '../shared/cli/table.ts';
import { AUDIT_START } from '../shared/consistency/date-audit.ts';
import { type ConsistencyIssue, needsAction } from '../shared/consistency/issue-types.ts';
import { keyFinder, splitKeys } from '../shared/consistency/key-ranges.ts';
import { MOST_SAMPLES } from '../shared/consistency/pairing.ts';
import { auditRanges } from '../shared/consistency/ranged-audit.ts';
import { consistencyGrace, graceMillisOf } from '../shared/operations/inputs.ts';
import { dateAudit, totalsOf, validateConsistency } from '../shared/operations/validate-consistency.ts';
import { grouped } from '../shared/text/number-text.ts';
import { resolveDate } from '../shared/text/time.ts';
import { visibleText } from '../shared/text/visible-text.ts';

const flags = z.object({
  date: date
    .unwrap()
    .describe('The date to compare')
    .meta({ ...DATE_TEXTS, alias: 'date-prefix' }),
  grace: consistencyGrace.describe(fieldText(consistencyGrace)),
  parallel: z
    .number()
    .int()
    .min(1)
    .max(64)
    .default(1)
    .describe('Key ranges to compare at a time, for dates with millions of files'),
  ...listFlags,
});

const COLUMNS: Column<ConsistencyIssue>[] = [
  {
    name: 'type',
    value: ({ type }) => type,
    color: ({ type }, text, colorize) => colorize(needsAction(type) ? 'warning' : 'dim', text),
  },
  { name: 'status', value: ({ status }) => status },
  { name: 'file_key', title: 'file', value: ({ file_key }) => file_key, whole: true },
  { name: 'message', value: ({ message }) => message, whole: true },
  { name: 'next_step', title: 'next step', value: ({ next_step }) => next_step, whole: true },
];

export const checkConsistency = command({
  name: 'check-consistency',
  description: 'Shows where the S3 objects of a date, its tracking records and the projection disagree',
  flags,
  positional: 'date',
  buckets: true,
  examples: [
    ['today --env local', 'today on this machine'],
    ['2026-11-22 --output ndjson > issues.ndjson', 'all issues of a date, one per line'],
    ['2026-11-22 --parallel 16', 'a date with millions of files'],
  ],
  async run(context) {
    const limit = limitOf(context.flags, context.output.form);
    await printList(context, { things: 'issues', columns: COLUMNS, rows: issues(context), limit });
  },
});

type Context = RunContext<z.output<typeof flags>>;
type Totals = ReturnType<typeof totalsOf>;

/** The issues page by page, and the totals at the end. */
async function* issues(context: Context) {
  const { flags: given, now } = context;
  const date = resolveDate(given.date, now);
  const found = given.parallel > 1 ? inRanges(context, date) : inOneGo(context, date);
  for await (const issue of found) yield { ...issue, next_step: context.aimed(issue.next_step) };
}

async function* inOneGo(context: Context, date_prefix: string) {
  const input = { date_prefix, grace_minutes: context.flags.grace };
  for await (const answer of askPages(context.deps, validateConsistency, input)) {
    yield* answer.issues;
    if (!answer.next_token) noteTotals(context, answer);
  }
}

// Ranges differ in size: with several for each worker, no worker is left alone with a large one for long.
const RANGES_EACH = 8;

async function* inRanges(context: Context, date: string) {
  const { deps, flags: given, interrupted, note } = context;
  const ranges = await splitKeys(keyFinder(deps, date), RANGES_EACH * given.parallel);
  note(`Comparing ${ranges.length} ranges of keys, ${given.parallel} at a time.`);
  const audit = dateAudit(deps, date, graceMillisOf(given.grace, deps.profile));
  const neverTold: string[] = [];
  let totals = AUDIT_START.totals;
  for await (const page of auditRanges(audit, ranges, given.parallel)) {
    totals = page.totals;
    neverTold.push(...page.neverTold.slice(0, MOST_SAMPLES - neverTold.length));
    yield* page.issues;
    if (interrupted.aborted) {
      note('Interrupted: the totals cover what was compared so far.');
      break;
    }
  }
  noteTotals(context, totalsOf(date, totals, neverTold));
}

function noteTotals({ note, commandLine }: Context, answer: Totals): void {
  const { date_prefix, db_file_count, s3_file_count, issues_found, issues_by_type, drift, unknown } = answer;
  note(
    `${date_prefix}: ${grouped(db_file_count)} records, ${grouped(s3_file_count)} objects, ${grouped(issues_found)} issues.`,
  );
  const refused = issues_by_type.quarantined_without_record;
  if (refused > 0) note(`${grouped(refused)} refused files, which have no record: nothing to do.`);
  noteNeverTold(note, answer);
  if (unknown > 0) note(`${grouped(unknown)} could not be checked and are not included.`);
  const drifted = drift.missing_head + drift.stale_head + drift.record_gone;
  if (drifted === 0) return;
  const repair = commandLine('repair', ['--date', date_prefix]);
  note(`${grouped(drifted)} heads drifted. To repair them: ${repair}`);
}

function noteNeverTold(note: Context['note'], { never_told: { count, samples } }: Totals): void {
  if (count === 0) return;
  note(
    `${grouped(count)} objects that S3 never tells the pipeline about, because of their folder or ending:`,
  );
  for (const uri of samples) note(`  ${visibleText(uri)}`);
}

await main(import.meta, checkConsistency);
