import { DeleteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { MOST_NOTES } from '../../../shared/reports/notes.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { type Answer, ask, operationDeps } from '../../support/operations.ts';

const DATE = '2026-11-23';
const NOW = Date.parse('2026-11-23T06:00:00Z');
const FILE = { date_prefix: DATE, file_key: 'x.ndjson' };
const OTHER = { date_prefix: DATE, file_key: 'y.ndjson' };
const ITEM = { status: 'completed', created_at: '2026-11-23T01:00:00Z' };
let aws: LocalAws;

beforeEach(async () => {
  aws = await localAws();
  for (const key of [FILE, OTHER]) {
    await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item: { ...key, ...ITEM } }));
  }
});

const request = (fields: object, minutes = 0) => ask(operationDeps(aws, NOW + minutes * 60_000), fields);
const add = (fields: object, minutes = 0) => request({ operation: 'add_note', ...fields }, minutes);
const timelineOf = (key: object) => request({ operation: 'get_processing_timeline', ...key });
const idOf = ({ note }: Answer) => (note as { readonly note_id: string }).note_id;

test('a note on a file is in its timeline and explanation, in the order of writing, and on no other file', async () => {
  await add({ ...FILE, text: 'sent twice' });
  await add({ ...FILE, text: 'the producer is told' }, 1);
  const notes = [
    expect.objectContaining({
      text: 'sent twice',
      at: '2026-11-23T06:00:00.000Z',
      actor: expect.any(String),
    }),
    expect.objectContaining({ text: 'the producer is told' }),
  ];
  expect(await timelineOf(FILE)).toMatchObject({ notes });
  expect(await request({ operation: 'explain_file', ...FILE })).toMatchObject({ notes });
  expect(await timelineOf(OTHER)).toMatchObject({ notes: [], acknowledgements: [] });
  for (const Key of [FILE, OTHER]) {
    const { Item } = await aws.documents.send(new GetCommand({ TableName: aws.trackingTable, Key }));
    expect(Item).toEqual({ ...Key, ...ITEM });
  }
});

test('a timeline and an explanation tell what acknowledges the file as it is', async () => {
  const until = { until: '2026-12-01', reason: 'known' };
  await request({ operation: 'acknowledge', ...FILE, ...until });
  const acknowledgements = [expect.objectContaining({ ...FILE, reason: 'known' })];
  expect(await timelineOf(FILE)).toMatchObject({ acknowledgements });
  expect(await request({ operation: 'explain_file', ...FILE })).toMatchObject({ acknowledgements });
  const Item = { ...FILE, ...ITEM, status: 'failed' };
  await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
  expect(await timelineOf(FILE)).toMatchObject({ acknowledgements: [] });
});

test('a note on a date is with the counts of the date, and of no other one', async () => {
  await add({ date_prefix: DATE, text: 'half of the shops were closed' });
  await add({ ...FILE, text: 'of a file' });
  const stats = (date_prefix: string) => request({ operation: 'get_stats', date_prefix });
  expect((await stats(DATE)).notes).toEqual([
    expect.objectContaining({ date_prefix: DATE, text: 'half of the shops were closed' }),
  ]);
  expect((await stats('2026-11-22')).notes).toBeUndefined();
});

test('a note outlives the record of its file and can still be removed, under the name that the file had', async () => {
  const note_id = idOf(await add({ ...FILE, text: 'names a person' }));
  await aws.documents.send(new DeleteCommand({ TableName: aws.trackingTable, Key: FILE }));
  const remove = { operation: 'remove_note', ...FILE, note_id };
  expect(await request(remove, 1)).toMatchObject({ removed: { note_id, ...FILE, text: 'names a person' } });
  expect(await request(remove, 2)).toMatchObject({ statusCode: 404, error: { code: 'FILE_NOT_FOUND' } });
  expect((await timelineOf(OTHER)).notes).toEqual([]);
});

test('a note is removed by its id, and both are kept among the changes with what it said', async () => {
  const note_id = idOf(await add({ ...FILE, text: 'wrong', reason: 'test' }));
  const kept = idOf(await add({ ...FILE, text: 'right' }, 1));
  const remove = { operation: 'remove_note', ...FILE };
  expect(await request({ ...remove, ...OTHER, note_id })).toMatchObject({
    error: { code: 'NOTE_NOT_FOUND' },
  });
  await request({ ...remove, note_id, reason: 'a mistake' }, 2);
  expect(await request({ ...remove, note_id })).toMatchObject({ statusCode: 404 });
  expect((await timelineOf(FILE)).notes).toEqual([expect.objectContaining({ note_id: kept })]);
  const { changes } = await request({ operation: 'list_changes' });
  const about = (text: string) => `on ${DATE}/x.ndjson: ${text}`;
  expect(changes).toMatchObject([
    { origin: 'remove_note', reason: 'a mistake', about: about('wrong') },
    { origin: 'add_note', about: about('right') },
    { origin: 'add_note', reason: 'test', about: about('wrong'), change_id: note_id },
  ]);
});

test('a dry run writes nothing; a note on no file, and a text that is too long, are refused', async () => {
  expect(await add({ ...FILE, text: 'maybe', dry_run: true })).toMatchObject({ note: { text: 'maybe' } });
  expect(await add({ ...FILE, file_key: 'none.ndjson', text: 'x' })).toMatchObject({ statusCode: 404 });
  expect(await add({ ...FILE, text: 'x'.repeat(1_001) })).toMatchObject({ statusCode: 400 });
  expect((await timelineOf(FILE)).notes).toEqual([]);
  expect((await request({ operation: 'list_changes' })).changes).toEqual([]);
});

test('a file may have 50 notes, and one more is refused', async () => {
  for (let i = 0; i < MOST_NOTES; i++) await add({ ...FILE, text: `note ${i}` }, i);
  expect(await add({ ...FILE, text: 'one more' })).toMatchObject({
    ...{ statusCode: 409, error: { code: 'TOO_MANY_NOTES', message: expect.stringContaining('50') } },
  });
  expect(await add({ ...OTHER, text: 'there is room' })).toMatchObject({ dry_run: false });
  expect((await timelineOf(FILE)).notes).toHaveLength(50);
}, 30_000);
