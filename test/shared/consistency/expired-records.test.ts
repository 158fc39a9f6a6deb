import { expect, test } from 'vitest';
import { doneAt, issuesOfObjects } from '../../../shared/consistency/issues.ts';
import { advance } from '../../../shared/projection/advance.ts';
import type { Head } from '../../../shared/projection/head.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';
import { foldOf } from '../../support/transitions.ts';

const DATE = '2026-11-23';
const NAME = 'a.ndjson';
const EXPIRY = { type: 'Service', principalId: 'dynamodb.amazonaws.com' };
const NOW = Date.parse('2026-11-24T06:00:00Z');

/** The head that a record leaves which had these statuses one after the other, and then went. */
function headAfter(statuses: readonly string[], went: object = EXPIRY): Head {
  const table = streamedTable();
  const records = [
    table.write(NAME, uploaded()),
    ...statuses.map((status) => table.write(NAME, { status: `${status}#3` })),
    { ...table.remove(NAME), ...('type' in went ? { userIdentity: went } : {}) },
  ];
  const { write } = advance(undefined, foldOf(...records), new Set(), NOW);
  if (!write) throw new Error('nothing was written');
  return write.head;
}

/** What an audit says about an object, uploaded some milliseconds after its record went, or before. */
function issueOf(head: Head, millisAfter: number) {
  const gone = Date.parse(head.events.at(-1)?.time ?? '');
  const location = { bucket: 'in', key: `pipeline/input/${DATE}/${NAME}` };
  const object = { name: NAME, location, modified: gone + millisAfter, place: 'input' as const };
  const [issue] = issuesOfObjects(
    [object],
    { head },
    { inputBucket: 'in', profile: FIELD_PROFILE, now: NOW },
  );
  return issue;
}

const HOUR = 3_600_000;
const TAKEN_TWICE = ['manifested', 'pending', 'manifested', 'processing', 'completed'];

test.each([
  [['manifested', 'completed']],
  // With the upload and the end: more events than a head holds.
  [TAKEN_TWICE],
  [['manifested', 'pending', ...TAKEN_TWICE]],
  [[...TAKEN_TWICE, 'pending', 'manifested', 'failed']],
])(
  'an object that outlives the record of a settled file is no issue, whatever happened before: %j',
  (statuses) => {
    const head = headAfter(statuses);
    expect(doneAt(head)).toBeDefined();
    expect(issueOf(head, -HOUR)).toBeUndefined();
  },
);

test('an object whose record expired in flight stays an issue, even after many events', () => {
  expect(issueOf(headAfter(TAKEN_TWICE.slice(0, -1)), -HOUR)).toMatchObject({
    type: 'expired_unconverted',
    next_step: expect.stringMatching(/^Tell the builder/),
  });
});

test('dead letters are redriven only for an object whose event may be among them', () => {
  const removed = headAfter(['manifested', 'failed'], {});
  expect(issueOf(removed, -HOUR)).toMatchObject({
    message: expect.stringMatching(/has no record: its record was removed at \S+Z\.$/),
    next_step: expect.stringMatching(/^Tell the builder/),
  });
  const later = issueOf(headAfter(['manifested', 'completed']), HOUR);
  expect(later?.message).toMatch(/has no record: its event was lost or is waiting in the queue\.$/);
  expect(later?.next_step).toMatch(/^Redrive the queue's dead letters\. Tell the builder/);
});

test('an upload that a settled record kept from being converted is told as such after the record expired', () => {
  const head = headAfter(['manifested', 'completed']);
  const events = head.events.map((event) =>
    event.event === 'expired' ? { ...event, time: '2026-11-23T20:00:00.000Z' } : event,
  );
  expect(issueOf({ ...head, events }, -HOUR)).toMatchObject({
    message: expect.stringMatching(
      /its record expired at 2026-11-23T20:00:00\.000Z, and it was uploaded again at 2026-11-23T19:00:00\S*, after its file had settled at \S+: the new content was never converted\.$/,
    ),
    next_step: expect.stringMatching(/^Tell the builder/),
  });
});

test('a record whose last status is not known is not a reason to convert its file again', () => {
  const head = headAfter(['manifested', 'completed']);
  expect(issueOf({ ...head, events: head.events.slice(-1) }, -HOUR)).toMatchObject({
    message: expect.stringMatching(/its record expired at \S+, and in which status is not known\.$/),
    next_step: expect.stringMatching(
      /^Only if no row of the output has it as `_source_file`: tell the builder/,
    ),
  });
});
