import type { Deps } from '../aws/deps.ts';
import { firstKnown, keysOfName } from '../pipeline/names.ts';
import { fileNotFound } from '../pipeline/record.ts';
import { keyOf, type RecordKey, readRecord } from '../pipeline/tracking-table.ts';
import { readHead } from '../projection/projection-table.ts';
import { filterHolding } from '../reports/acknowledged-files.ts';
import { readFileAcknowledgements } from '../reports/acknowledgements.ts';
import { type Note, type NoteSubject, readNotes } from '../reports/notes.ts';
import { shownAcknowledgement } from './acknowledgements.ts';
import { datePrefix, fileKey } from './inputs.ts';

/** What a note is on. */
export const noteFields = {
  date_prefix: datePrefix,
  file_key: fileKey.optional().describe('the file; if left out, the note is on the date'),
};

/**
 * The file that was named, in whatever spelling, or the date.
 *
 * @throws Refused when there is no such file, nor a history of it, nor a note under exactly this name
 */
export async function noteSubject(
  { tracking, projection }: Pick<Deps, 'tracking' | 'projection'>,
  { date_prefix, file_key }: NoteSubject,
): Promise<NoteSubject> {
  if (file_key === undefined) return { date_prefix };
  const isKnown = async (key: RecordKey) =>
    (await readRecord(tracking, key)) || (await readHead(projection, key)) ? key : undefined;
  const key = await firstKnown(keysOfName(file_key, date_prefix, date_prefix), isKnown);
  if (key) return keyOf(key);
  // Notes are kept for longer than records and their history.
  const given = { date_prefix, file_key };
  if ((await readNotes(projection, given)).length === 0) throw fileNotFound(given);
  return given;
}

/** A note as callers see it. */
export function shownNote({ id: note_id, date_prefix, file_key, text, actor, at }: Note) {
  return { note_id, date_prefix, ...(file_key !== undefined && { file_key }), text, actor, at };
}

/** What people have written about a file: its notes, oldest first, and the acknowledgements that hold for it now. */
export async function readWords(deps: Pick<Deps, 'tracking' | 'projection' | 'now'>, key: RecordKey) {
  const { projection, now } = deps;
  const [notes, known] = await Promise.all([
    readNotes(projection, keyOf(key)),
    readFileAcknowledgements(projection, key, now).then((all) => filterHolding(deps, all)),
  ]);
  return { notes: notes.map(shownNote), acknowledgements: known.map(shownAcknowledgement) };
}

/** The notes on a date as a whole, the oldest first. */
export async function readDateNotes(projection: Deps['projection'], date_prefix: string) {
  return (await readNotes(projection, { date_prefix })).map(shownNote);
}
