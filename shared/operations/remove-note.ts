import * as z from 'zod';
import { removeNote as remove } from '../changes/note.ts';
import { changeRequestOf } from './change-requests.ts';
import { changeId, reason } from './inputs.ts';
import { noteFields, noteSubject, shownNote } from './notes.ts';
import { operation } from './operation.ts';

const ORIGIN = 'remove_note';

export const removeNote = operation({
  name: 'remove_note',
  description: 'Removes a note; what it said stays among the changes',
  writes: true,
  input: z.strictObject({
    ...noteFields,
    note_id: changeId.describe('the note_id from a timeline or from get_stats'),
    reason,
  }),
  async run(deps, { note_id: id, reason, ...given }) {
    const request = changeRequestOf(deps, ORIGIN, reason);
    const note = await remove(deps, ORIGIN, { subject: await noteSubject(deps, given), id }, request);
    return { removed: shownNote(note), change_id: request.id };
  },
});
