import { createHash } from 'node:crypto';
import { DeleteCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';
import type { AcknowledgedFile } from './acknowledgements.ts';

/** What a note is about: a file, or an entire date. */
export interface NoteSubject {
  readonly date_prefix: string;
  /** Left out for a date. */
  readonly file_key?: string | undefined;
}

/** A note that somebody has written. */
export interface Note extends NoteSubject {
  /** The id of the change that recorded it. */
  readonly id: string;
  readonly text: string;
  readonly actor: string;
  /** `…Z`. */
  readonly at: string;
}

/** Notes and acknowledgements of a file or a date. */
export interface Words {
  readonly notes?: readonly Pick<Note, 'text' | 'actor' | 'at'>[];
  readonly acknowledgements?: readonly Pick<AcknowledgedFile, 'kind' | 'until' | 'reason' | 'actor'>[];
}

/** The most notes on a file or on a date: each view of it reads all of them. */
export const MOST_NOTES = 50;

const KEPT_SECONDS = 400 * 86_400;

/** The prefix of their partitions; only those who may change files write there. */
export const NOTES_MARK = 'NOTES#';

function partOf({ date_prefix, file_key }: NoteSubject) {
  // A file_key may be as long as a sort key.
  const hash = file_key === undefined ? '' : createHash('sha256').update(file_key).digest('hex').slice(0, 32);
  return { pk: `${NOTES_MARK}${date_prefix}`, begin: file_key === undefined ? 'date#' : `file#${hash}#` };
}

function noteKey(subject: NoteSubject, id: string) {
  const { pk, begin } = partOf(subject);
  return { pk, sk: `${begin}${id}` };
}

export async function keepNote({ docs, name }: Table, { id, ...note }: Note): Promise<void> {
  const expires_at = Math.floor(Date.parse(note.at) / 1_000) + KEPT_SECONDS;
  const Item = { ...noteKey(note, id), ...note, expires_at };
  await docs.send(new PutCommand({ TableName: name, Item }));
}

/** @returns the deleted note; undefined if there was none with that id */
export async function forgetNote(
  { docs, name }: Table,
  subject: NoteSubject,
  id: string,
): Promise<Note | undefined> {
  const remove = new DeleteCommand({ TableName: name, Key: noteKey(subject, id), ReturnValues: 'ALL_OLD' });
  const { Attributes } = await docs.send(remove);
  return Attributes && readItem(Attributes);
}

/** The notes on a file, or on an entire date, oldest first, read consistently. */
export async function readNotes({ docs, name }: Table, subject: NoteSubject): Promise<Note[]> {
  const { pk, begin } = partOf(subject);
  const { Items = [] } = await docs.send(
    new QueryCommand({
      TableName: name,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :begin)',
      ExpressionAttributeValues: { ':pk': pk, ':begin': begin },
      ConsistentRead: true,
      Limit: MOST_NOTES,
    }),
  );
  return Items.map(readItem);
}

function readItem(item: Readonly<Record<string, unknown>>): Note {
  const { pk: _pk, sk, expires_at: _expires, ...rest } = item;
  const text = String(sk);
  return { id: text.slice(text.lastIndexOf('#') + 1), ...rest } as Note;
}
