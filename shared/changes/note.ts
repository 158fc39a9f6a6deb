import {
  forgetNote,
  keepNote,
  MOST_NOTES,
  type Note,
  type NoteSubject,
  readNotes,
} from '../reports/notes.ts';
import { Refused } from '../text/refused.ts';
import { isoTime } from '../text/time.ts';
import type { ChangeDeps, ChangeRequest } from './context.ts';
import { noteWord } from './note-word.ts';

type NoteDeps = Pick<ChangeDeps, 'tracking' | 'projection' | 'now'>;

/** The note that a text would be. */
export function planNote(
  subject: NoteSubject,
  text: string,
  { id, actor }: ChangeRequest,
  now: number,
): Note {
  return { ...subject, id, text, actor: actor.identity, at: isoTime(now) };
}

/**
 * Stores a note, after recording who writes it, and why, among the changes.
 *
 * @throws Refused when the file or date has the maximum number of notes
 */
export async function addNote(
  deps: NoteDeps,
  origin: string,
  note: Note,
  request: ChangeRequest,
): Promise<void> {
  const { length } = await readNotes(deps.projection, note);
  if (length >= MOST_NOTES) {
    throw new Refused(
      'TOO_MANY_NOTES',
      `There are ${length} notes on ${subjectText(note)}, which is the maximum.`,
      'Remove one first.',
    );
  }
  await noteWord(deps, origin, request, `on ${subjectText(note)}: ${note.text}`);
  await keepNote(deps.projection, note);
}

/**
 * Removes a note; what it said stays among the changes.
 *
 * @throws Refused when there is none of that id
 */
export async function removeNote(
  deps: NoteDeps,
  origin: string,
  { subject, id }: { readonly subject: NoteSubject; readonly id: string },
  request: ChangeRequest,
): Promise<Note> {
  const note = (await readNotes(deps.projection, subject)).find((each) => each.id === id);
  if (!note) {
    throw new Refused(
      'NOTE_NOT_FOUND',
      `There is no note ${id} on ${subjectText(subject)}.`,
      'The timeline of a file and the counts of a date have the ids of their notes.',
    );
  }
  await noteWord(deps, origin, request, `on ${subjectText(subject)}: ${note.text}`);
  await forgetNote(deps.projection, subject, id);
  return note;
}

/** Such as `2026-11-23/x.ndjson`. */
function subjectText({ date_prefix, file_key }: NoteSubject): string {
  return file_key === undefined ? date_prefix : `${date_prefix}/${file_key}`;
}
