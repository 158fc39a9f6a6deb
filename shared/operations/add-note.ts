import * as z from 'zod';
import { addNote as keep, planNote } from '../changes/note.ts';
import { changeRequestOf } from './change-requests.ts';
import { LONGEST_REASON, reason } from './inputs.ts';
import { noteFields, noteSubject, shownNote } from './notes.ts';
import { operation } from './operation.ts';

const ORIGIN = 'add_note';

export const addNote = operation({
  name: 'add_note',
  description: 'Writes a note on a file or on a date',
  writes: true,
  input: z.strictObject({
    ...noteFields,
    text: z.string().trim().min(1).max(LONGEST_REASON).describe('the text of the note'),
    reason,
    dry_run: z.boolean().default(false),
  }),
  async run(deps, { text, reason, dry_run, ...given }) {
    const request = changeRequestOf(deps, ORIGIN, reason);
    const note = planNote(await noteSubject(deps, given), text, request, deps.now);
    if (!dry_run) await keep(deps, ORIGIN, note, request);
    const { note_id, ...shown } = shownNote(note);
    return { dry_run, note: { ...shown, ...(!dry_run && { note_id }) } };
  },
});
