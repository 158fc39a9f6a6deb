import * as z from 'zod';
import { ask } from '../shared/cli/ask.ts';
import { command, type RunContext } from '../shared/cli/command.ts';
import { dateFlags } from '../shared/cli/dates.ts';
import { main } from '../shared/cli/entry.ts';
import { fileClass, limitOf, listFlags } from '../shared/cli/flags.ts';
import { printList } from '../shared/cli/output.ts';
import type { Column } from '../shared/cli/table.ts';
import { type Colorize, detailLines } from '../shared/cli/terminal.ts';
import { getFailures, type ShownClass } from '../shared/operations/get-failures.ts';
import { lastDayOf } from '../shared/reports/acknowledgements.ts';
import { type FailureSummary, readFailures } from '../shared/statistics/read-failures.ts';
import { countOf, grouped } from '../shared/text/number-text.ts';
import { resolveDate } from '../shared/text/time.ts';
import { utcText } from '../shared/text/time-text.ts';

const columns: Column<FailureSummary>[] = [
  { name: 'failed', value: ({ failed }) => failed, align: 'right' },
  { name: 'quarantined', value: ({ quarantined }) => quarantined, align: 'right', priority: 3 },
  { name: 'last_day', title: '24 h', value: ({ last_day }) => last_day, align: 'right', priority: 2 },
  { name: 'last_hours', title: '2 h', value: ({ last_hours }) => last_hours, align: 'right', priority: 2 },
  seenColumn('first_seen', 'first seen', utcText),
  seenColumn('last_seen', 'last seen (to the hour)', hourText),
  { name: 'class', value: (row) => row.class },
  { name: 'text', value: (row) => row.text, whole: true },
];

function seenColumn(
  name: 'first_seen' | 'last_seen',
  title: string,
  textOf: (time: string) => string,
): Column<FailureSummary> {
  return {
    ...{ name, title, priority: 4 },
    value: (row) => row[name] ?? undefined,
    text: (row) => seenText(row[name], textOf, ''),
  };
}

function seenText(time: string | null, textOf: (time: string) => string, none = 'unknown'): string {
  return time === null ? none : textOf(time);
}

/** Failures are counted by the hour, so minutes would say something that is not known. */
function hourText(time: string): string {
  return `${utcText(time).slice(0, 13)}:00Z`;
}

export const failures = command({
  name: 'failures',
  description: 'Lists why files failed or were refused: how many for each cause, the most frequent first',
  flags: z
    .object({
      date: dateFlags.date,
      class: fileClass.describe('Only this class, with its dates, its manifests and some of its files'),
      ...listFlags,
    })
    .refine((given) => given.class === undefined || given.limit === undefined, {
      path: ['limit'],
      error: 'allowed: only without --class, which shows one class',
    })
    .refine((given) => given.class === undefined || !given.all, {
      path: ['all'],
      error: 'allowed: only without --class, which shows one class',
    }),
  examples: [
    ['--env local', 'every cause on this machine'],
    ['--date today', "why today's files failed"],
    ['--class java-heap-space-1-0a1b2c', 'where the files of one cause are, and how to reset them'],
    ['--output ndjson', 'one cause per line'],
  ],
  async run(context) {
    const { flags, deps, output, now } = context;
    const date = flags.date === undefined ? undefined : resolveDate(flags.date, now);
    if (flags.class !== undefined) {
      await showClass(context, flags.class, date);
      return;
    }
    await printList(context, {
      things: 'classes of failures',
      columns,
      rows: await readFailures(deps.projection, date, now),
      limit: limitOf(flags, output.form),
    });
  },
});

/** One class, and the command that plans a reset of its files. */
async function showClass(
  { deps, output, note, commandLine }: Pick<RunContext, 'deps' | 'output' | 'note' | 'commandLine'>,
  classId: string,
  date: string | undefined,
): Promise<void> {
  const told = await ask(deps, getFailures, { class: classId, date_prefix: date });
  const [summary] = told.failures;
  await output.answer(told, {
    columns,
    rows: told.failures,
    lines: ({ colorize }) =>
      summary ? classLines(told, summary, colorize) : [`No file is in class ${classId}.`],
  });
  if (!summary?.failed) return;
  const chosen = ['--status', 'failed', '--class', classId, ...(date === undefined ? [] : ['--date', date])];
  note(`To reset them: ${commandLine('batch-update', [...chosen, '--new-status', 'pending'])}`);
}

type Told = Awaited<ReturnType<typeof getFailures.run>>;

function classLines(told: Told, summary: ShownClass, colorize: Colorize): string[] {
  const { dates = [], manifests = [], samples = [] } = told;
  const facts: [string, string][] = [
    ['class', summary.class],
    ['text', summary.text],
    ['files', `${grouped(summary.failed)} failed, ${grouped(summary.quarantined)} quarantined`],
    ['24 h', countOf(summary.last_day, 'failure')],
    ['first seen', seenText(summary.first_seen, utcText)],
    ['last seen', seenText(summary.last_seen, (time) => `in the hour from ${hourText(time)}`)],
    ...knownFact(summary),
  ];
  const of = told.manifests_complete ? '' : `, of the first ${grouped(told.manifests_of_files ?? 0)} files`;
  return [
    ...detailLines(facts, colorize),
    ...titled(
      `dates${told.dates_complete ? '' : ', of the last 100'}`,
      dates.map((date) => `${date.date_prefix}  ${grouped(date.failed + date.quarantined)}`),
    ),
    ...titled(
      `manifests${of}`,
      manifests.map(({ manifest, files }) => `${manifest ?? 'none'}  ${grouped(files)}`),
    ),
    ...titled(
      'some of the files',
      samples.map(({ date_prefix, file_key }) => `${date_prefix} ${file_key}`),
    ),
  ];
}

function knownFact({ acknowledged: known }: ShownClass): [string, string][] {
  return known
    ? [['known', `until ${lastDayOf(known)}, acknowledged by ${known.actor}: ${known.reason}`]]
    : [];
}

function titled(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}

await main(import.meta, failures);
