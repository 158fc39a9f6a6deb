import * as z from 'zod';
import { ask } from '../shared/cli/ask.ts';
import type { RunContext } from '../shared/cli/command.ts';
import { date } from '../shared/cli/common-flags.ts';
import { resolveDate } from '../shared/cli/dates.ts';
import { limitOf, listFlags } from '../shared/cli/list-flags.ts';
import { printList } from '../shared/cli/print-list.ts';
import { runCommand } from '../shared/cli/run-command.ts';
import type { Column } from '../shared/cli/table.ts';
import type { ConsistencyIssue } from '../shared/consistency/issues.ts';
import { validateConsistency } from '../shared/operations/validate-consistency.ts';
import { grouped } from '../shared/text/number-text.ts';

const flags = z.object({
  date: date
    .unwrap()
    .describe('The date to compare')
    .meta({ alias: 'date-prefix', allowed: 'a date as YYYY-MM-DD, today or yesterday (UTC)' }),
  grace: z
    .number()
    .min(0)
    .max(1_440)
    .default(15)
    .describe('What is younger than so many minutes is not judged'),
  ...listFlags,
});

const COLUMNS: Column<ConsistencyIssue>[] = [
  { name: 'type', value: ({ type }) => type, paint: (_row, text, paint) => paint('warning', text) },
  { name: 'status', value: ({ status }) => status },
  { name: 'file_key', title: 'file', value: ({ file_key }) => file_key, shorten: true },
  { name: 'message', value: ({ message }) => message, spare: 1 },
];

await runCommand({
  name: 'check-consistency',
  description: 'How the objects of a date in S3, its tracking records and the projection disagree',
  flags,
  positional: 'date',
  examples: [
    ['today --env local', 'today on this machine'],
    ['2026-11-22 --output ndjson > issues.ndjson', 'all issues of a date, one to a line'],
  ],
  async run(context) {
    const limit = limitOf(context.flags, context.output.form);
    await printList(context, { things: 'issues', columns: COLUMNS, rows: issues(context), limit });
    return undefined;
  },
});

/** The issues page by page, and what the comparison came to at the end. */
async function* issues({
  flags: given,
  service,
  note,
  commandLine,
  now,
}: RunContext<z.output<typeof flags>>) {
  const date_prefix = resolveDate(given.date, now);
  let next_token: string | undefined;
  do {
    const answer = await ask(service, validateConsistency, {
      date_prefix,
      grace_minutes: given.grace,
      next_token,
    });
    yield* answer.issues;
    next_token = answer.next_token;
    if (next_token) continue;
    const { db_file_count, s3_file_count, issues_found, drift, unknown } = answer;
    note(
      `${date_prefix}: ${grouped(db_file_count)} records, ${grouped(s3_file_count)} objects, ${grouped(issues_found)} issues.`,
    );
    if (unknown > 0) note(`${grouped(unknown)} could not be looked at: nothing is said of them.`);
    const drifted = drift.missing_head + drift.stale_head + drift.record_gone;
    if (drifted > 0)
      note(
        `${grouped(drifted)} heads drifted. To repair them: ${commandLine('repair', ['--date', date_prefix])}`,
      );
  } while (next_token);
}
