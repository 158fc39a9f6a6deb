import * as z from 'zod';
import { ask } from '../shared/cli/ask.ts';
import { command, type RunContext } from '../shared/cli/command.ts';
import { main } from '../shared/cli/entry.ts';
import { byName, fileFlags, optionalFile } from '../shared/cli/find-file.ts';
import { changeIdFlag, writeFlags } from '../shared/cli/flags.ts';
import { printList } from '../shared/cli/output.ts';
import type { Column } from '../shared/cli/table.ts';
import { addNote } from '../shared/operations/add-note.ts';
import { LONGEST_REASON } from '../shared/operations/inputs.ts';
import { noteSubject, shownNote } from '../shared/operations/notes.ts';
import { removeNote } from '../shared/operations/remove-note.ts';
import { type NoteSubject, readNotes } from '../shared/reports/notes.ts';
import { EXIT, type ExitCode, usageError } from '../shared/text/refused.ts';
import { resolveDate } from '../shared/text/time.ts';
import { utcText } from '../shared/text/time-text.ts';

const flags = z
  .object({
    file: optionalFile,
    date: fileFlags.date.describe('The date that the note is about, or the date of the file'),
    text: z
      .string()
      .trim()
      .min(1, 'allowed: any text')
      .max(LONGEST_REASON, `allowed: up to ${LONGEST_REASON} characters`)
      .optional()
      .describe('The text of the note'),
    remove: changeIdFlag.optional().describe('The id of a note to remove'),
    ...writeFlags,
  })
  .refine(({ text, remove }) => text === undefined || remove === undefined, {
    path: ['remove'],
    error: 'allowed: not together with --text',
  });

type Context = RunContext<z.output<typeof flags>>;
type NoteRow = Partial<ReturnType<typeof shownNote>>;

const COLUMNS: Column<NoteRow>[] = [
  { name: 'at', title: 'time', value: ({ at }) => at, text: ({ at }) => (at ? utcText(at) : '') },
  { name: 'actor', title: 'who', value: ({ actor }) => actor, priority: 1 },
  { name: 'date_prefix', title: 'date', value: ({ date_prefix }) => date_prefix, only: 'csv' },
  { name: 'file_key', title: 'file', value: ({ file_key }) => file_key, only: 'csv' },
  { name: 'note_id', title: 'note', value: ({ note_id }) => note_id },
  { name: 'text', value: ({ text }) => text, whole: true },
];

export const note = command({
  name: 'note',
  description: 'Lists the notes on a file or on a date; writes or removes one',
  flags,
  positional: 'file',
  examples: [
    ['2026-11-23-x.ndjson --env local', 'the notes on a file'],
    ["2026-11-23-x.ndjson --text 'the producer sends it again on Monday'", 'what would be written'],
    [
      "--date 2026-11-23 --text 'half of the shops were closed' --apply --reason 'asked by finance'",
      'writes a note on the date',
    ],
    ['--date 2026-11-23 --remove 20261123T052253532Z-1a2b3c4d', 'what would be removed'],
  ],
  async run(context) {
    const { flags: given } = context;
    if (given.text !== undefined) return add(context, given.text);
    if (given.remove !== undefined) return remove(context, given.remove);
    if (given.apply) {
      throw usageError(
        'Received --apply without --text or --remove.',
        'Add one of them, or leave out --apply.',
      );
    }
    await list(context);
    return;
  },
});

async function list(context: Context, id?: string): Promise<number> {
  const notes = await onSubject(context, async (named) =>
    readNotes(context.deps.projection, await noteSubject(context.deps, named)),
  );
  const rows = notes.filter((each) => id === undefined || each.id === id).map(shownNote);
  return printList(context, { things: 'notes', columns: COLUMNS, rows });
}

async function add(context: Context, text: string): Promise<undefined> {
  const { flags: given, deps, note, again, output } = context;
  if (given.apply) await context.confirm(`Write a note on ${given.file ?? given.date}`);
  const asked = { text, reason: given.reason, dry_run: !given.apply };
  const added = await onSubject(context, (named) => ask(deps, addNote, { ...named, ...asked }));
  await output.answer(added.note, { columns: COLUMNS, rows: [added.note] });
  if (given.apply) note(`Written by change ${added.note.note_id}.`);
  else note(`Nothing was written. To write it: ${again(['--apply', '--reason', 'WHY'])}`);
  return;
}

async function remove(context: Context, note_id: string): Promise<ExitCode | undefined> {
  const { flags: given, deps, note, again, output } = context;
  if (!given.apply) {
    if ((await list(context, note_id)) === 0) return EXIT.failed;
    note(`Nothing was written. To remove it: ${again(['--apply', '--reason', 'WHY'])}`);
    return;
  }
  await context.confirm(`Remove the note ${note_id}`);
  const gone = await onSubject(context, (named) =>
    ask(deps, removeNote, { ...named, note_id, reason: given.reason }),
  );
  await output.answer(gone.removed, { columns: COLUMNS, rows: [gone.removed] });
  note(`Removed by change ${gone.change_id}.`);
  return;
}

/** Of the file that was named, or of the date. */
async function onSubject<T>(context: Context, find: (named: NoteSubject) => Promise<T>): Promise<T> {
  const { file, date, apply } = context.flags;
  if (file !== undefined) return byName(context, { file, date, apply }, find);
  if (date === undefined) throw usageError('Received neither a file nor --date.', 'Name one of them.');
  return find({ date_prefix: resolveDate(date, context.now) });
}

await main(import.meta, note);
