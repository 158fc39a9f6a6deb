import * as z from 'zod';
import { ask } from '../shared/cli/ask.ts';
import { command, type RunContext } from '../shared/cli/command.ts';
import { DATE_TEXTS, date } from '../shared/cli/dates.ts';
import { main } from '../shared/cli/entry.ts';
import { byName, fileFlags, optionalFile } from '../shared/cli/find-file.ts';
import { fileClass, writeFlags } from '../shared/cli/flags.ts';
import { printList } from '../shared/cli/output.ts';
import type { Column } from '../shared/cli/table.ts';
import { acknowledge as acknowledgeOperation } from '../shared/operations/acknowledge.ts';
import { liftAcknowledgement } from '../shared/operations/lift-acknowledgement.ts';
import { listAcknowledgements } from '../shared/operations/list-acknowledgements.ts';
import { ORPHAN_KINDS } from '../shared/orphans/verdict.ts';
import {
  type AboutClass,
  type AboutFile,
  LONGEST_DAYS,
  lastDayOf,
} from '../shared/reports/acknowledgements.ts';
import { usageError } from '../shared/text/refused.ts';
import { fileArgs } from '../shared/text/shell-text.ts';
import { resolveDate } from '../shared/text/time.ts';

const flags = z
  .object({
    file: optionalFile,
    date: fileFlags.date,
    kind: z.enum(ORPHAN_KINDS).optional().describe('Acknowledge only this finding on the file'),
    class: fileClass.describe('A class of failures, instead of a file'),
    until: date
      .describe(`The last day of the acknowledgement (UTC), at most ${LONGEST_DAYS} days ahead`)
      .meta(DATE_TEXTS),
    lift: z.boolean().default(false).describe('End the acknowledgement instead'),
    ...writeFlags,
  })
  .refine(({ file, class: id }) => file === undefined || id === undefined, {
    path: ['class'],
    error: 'allowed: a file or a class, not both',
  })
  .refine(({ until, lift }) => until === undefined || !lift, {
    path: ['lift'],
    error: 'allowed: not together with --until',
  })
  .refine((given) => given.until === undefined || isNamed(given), {
    path: ['until'],
    error: 'allowed: only with a file or --class',
  })
  .refine((given) => !given.lift || isNamed(given), {
    path: ['lift'],
    error: 'allowed: only with a file or --class',
  })
  .refine(({ file, date }) => file !== undefined || date === undefined, {
    path: ['date'],
    error: 'allowed: only with a file',
  });

function isNamed(given: {
  readonly file?: string | undefined;
  readonly class?: string | undefined;
}): boolean {
  return given.file !== undefined || given.class !== undefined;
}

type Context = RunContext<z.output<typeof flags>>;

/** What an acknowledgement is about, in the form that operations take. */
type Named = { readonly class: string } | { readonly date_prefix: string; readonly file_key: string };

type Listed = Awaited<ReturnType<typeof listAcknowledgements.run>>['acknowledgements'][number];

/** An acknowledgement that exists, or that `--apply` would make. */
type Row = Partial<Listed>;

const COLUMNS: Column<Row>[] = [
  { name: 'state', value: (row) => (row.holds === false ? 'file has changed' : 'known') },
  {
    name: 'until',
    value: ({ until }) => until,
    text: ({ until }) => (until === undefined ? '' : lastDayOf({ until })),
  },
  { name: 'class', value: (row) => ('class' in row ? row.class : undefined), whole: true },
  {
    name: 'date_prefix',
    title: 'date',
    value: (row) => ('date_prefix' in row ? row.date_prefix : undefined),
  },
  {
    name: 'file_key',
    title: 'file',
    value: (row) => ('file_key' in row ? row.file_key : undefined),
    whole: true,
  },
  { name: 'kind', value: (row) => ('kind' in row ? row.kind : undefined) },
  { name: 'status', value: (row) => ('status' in row ? row.status : undefined) },
  { name: 'actor', value: ({ actor }) => actor, priority: 1 },
  { name: 'reason', value: ({ reason }) => reason, whole: true },
];

export const acknowledge = command({
  name: 'acknowledge',
  description:
    'Lists known problems; acknowledges a file or a class of failures until a day, or ends an acknowledgement',
  flags,
  positional: 'file',
  examples: [
    ['--env local', 'what is acknowledged on this machine'],
    ['2026-11-23-x.ndjson --until 2026-12-01', 'what it would do'],
    [
      "--class java-heap-space-1-0a1b2c --until 2026-12-01 --apply --reason 'fixed by the release of 30 November'",
      'leaves a class out of attention, alarms and healing until then',
    ],
    ["2026-11-23-x.ndjson --lift --apply --reason 'it was uploaded again'", 'ends it'],
  ],
  async run(context) {
    const { flags: given } = context;
    if (given.until !== undefined) return say(context);
    if (given.lift) return lift(context);
    if (given.apply) {
      throw usageError(
        `Received --apply without ${isNamed(given) ? '--until or --lift' : 'a file or --class'}.`,
        isNamed(given)
          ? 'Add --until DATE to acknowledge it, or --lift.'
          : 'Name the file or the class, or leave out --apply.',
      );
    }
    await list(context);
    return;
  },
});

async function say(context: Context): Promise<undefined> {
  const { flags: given, deps, note, again, now } = context;
  const until = resolveDate(given.until ?? '', now);
  const isDry = !given.apply;
  if (given.apply) await context.confirm(`Acknowledge ${given.class ?? given.file} until ${until}`);
  const { acknowledgement } = await named(context, (about) =>
    ask(deps, acknowledgeOperation, {
      ...about,
      ...(given.kind && { kind: given.kind }),
      until,
      reason: given.reason ?? 'WHY',
      dry_run: isDry,
    }),
  );
  await print(context, acknowledgement);
  note(
    isDry
      ? `Nothing was written. To acknowledge it: ${again(['--apply', '--reason', 'WHY'])}`
      : saidText(context, acknowledgement),
  );
  return;
}

function saidText(
  { commandLine }: Context,
  { change_id, ...about }: (AboutFile | AboutClass) & { readonly change_id?: string | undefined },
): string {
  const end = 'class' in about ? '' : ' It ends when the file changes.';
  const lifting = commandLine('acknowledge', [...namingArgs(about), '--lift']);
  return `Acknowledged by change ${change_id}.${end} To end it sooner: ${lifting}`;
}

function namingArgs(about: AboutFile | AboutClass): string[] {
  if ('class' in about) return ['--class', about.class];
  return [
    ...fileArgs(about.date_prefix, about.file_key),
    ...(about.kind === undefined ? [] : ['--kind', about.kind]),
  ];
}

async function lift(context: Context): Promise<undefined> {
  const { flags: given, deps, note } = context;
  if (!given.apply) {
    note(`Nothing was written.${endText(context, await list(context))}`);
    return;
  }
  await context.confirm(`End the acknowledgement of ${given.class ?? given.file}`);
  const ended = await named(context, (about) =>
    ask(deps, liftAcknowledgement, {
      ...about,
      ...(given.kind && { kind: given.kind }),
      reason: given.reason,
    }),
  );
  await print(context, ended.lifted);
  note(`Ended by change ${ended.change_id}.`);
  return;
}

/** A part of a name lists what may be meant, but only a whole name ends it. */
function endText({ commandLine }: Context, { rows, isWhole }: Found): string {
  if (rows.length > 1 && !isWhole) return ' To end one of them, give its whole name.';
  const ends = rows.map((row) =>
    commandLine('acknowledge', [...namingArgs(row), '--lift', '--apply', '--reason', 'WHY']),
  );
  if (ends.length > 1) return ` To end one of them:\n${ends.join('\n')}`;
  return ends.map((end) => ` To end it: ${end}`).join('');
}

function named<T>(context: Context, find: (about: Named) => Promise<T>): Promise<T> {
  const { class: id, file = '', ...rest } = context.flags;
  return id === undefined ? byName(context, { ...rest, file }, find) : find({ class: id });
}

/** What the flags name. */
interface Found {
  readonly rows: readonly Listed[];
  /** Whether their names are what was typed, which otherwise is a part of them. */
  readonly isWhole: boolean;
}

async function list(context: Context): Promise<Found> {
  const { deps, flags: given, note, now } = context;
  const { acknowledgements, truncated } = await ask(deps, listAcknowledgements, {});
  const date = given.date && resolveDate(given.date, now);
  const name = given.class ?? given.file;
  const inScope = acknowledgements.filter(
    (row) =>
      (date === undefined || ('date_prefix' in row && row.date_prefix === date)) &&
      (given.kind === undefined || ('kind' in row && row.kind === given.kind)),
  );
  const whole = inScope.filter((row) => namesOf(row).some((each) => each === name));
  const having = inScope.filter((row) => namesOf(row).some((each) => each.includes(name ?? '')));
  const isWhole = whole.length > 0;
  const rows = isWhole ? whole : having;
  await printList(context, { things: 'acknowledgements', columns: COLUMNS, rows });
  if (truncated) note('Not all are shown: one answer cannot hold them.');
  return { rows, isWhole };
}

function namesOf(row: Listed): readonly string[] {
  if ('class' in row) return [row.class];
  return [row.file_key, `${row.date_prefix}/${row.file_key}`];
}

async function print({ output }: Context, row: Row): Promise<void> {
  await output.answer(row, { columns: COLUMNS.slice(1), rows: [row] });
}

await main(import.meta, acknowledge);
