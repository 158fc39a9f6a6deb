import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from 'vitest';
import { type SelectionCursor, selectFiles } from '../../../shared/changes/selection.ts';
import { USUAL_SUFFIXES_ONLY } from '../../../shared/pipeline/status-index.ts';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { changeContext } from '../../support/changes.ts';
import { localAws } from '../../support/local-aws.ts';
import { applyDeps } from '../../support/projection.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';

type Stored = readonly [date_prefix: string, file_key: string, status: string];

async function stored(files: readonly Stored[]) {
  const aws = await localAws();
  const table = streamedTable();
  const stream: unknown[] = [];
  for (const [date_prefix, file_key, status] of files) {
    stream.push(table.write(file_key, { ...uploaded(), file_path: undefined, status }, date_prefix));
    const Item = table.items.get(JSON.stringify({ date_prefix, file_key }));
    await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
  }
  await consumeBatch(stream, applyDeps(aws), { s3: aws.s3, bucket: aws.buckets.deadLetter });
  return aws;
}

// DynamoDB lists the wave before the rocket; JavaScript sorts it after.
const WAVE = '\uff5e.ndjson';
const ROCKET = '\u{1f680}.ndjson';

test('a search for files of unknown status can stop at the end of each date, and continues with the next one', async () => {
  const dates = ['2026-11-21', '2026-11-22', '2026-11-23'];
  const aws = await stored([
    ['2026-11-21', 'a.ndjson', 'archived'],
    ['2026-11-21', WAVE, 'archived'],
    ['2026-11-21', ROCKET, 'parked'],
    ['2026-11-22', 'b.ndjson', 'pending#1'],
    ['2026-11-23', 'c.ndjson', 'on hold'],
    ['2026-11-23', 'd.ndjson', 'parked'],
  ]);

  const context = changeContext(aws);
  const found: string[] = [];
  const stops: string[] = [];
  let after: SelectionCursor | undefined;
  for (let isOver = false; !isOver && stops.length < 20; ) {
    // Time is up at once: each run comes to the next file or the end of a date.
    isOver = true;
    const selection = {
      ...{ statuses: ['unknown'], suffixes: USUAL_SUFFIXES_ONLY, after },
      mustStop: () => {
        isOver = false;
        return true;
      },
      onDone: (cursor: SelectionCursor) => {
        after = cursor;
        stops.push(...Object.values(cursor.files).map(({ date_prefix }) => date_prefix));
      },
    };
    const target = { new_status: 'failed', force: true };
    for await (const { entry } of selectFiles(context, selection, target, context.now))
      found.push(entry.file_key);
  }
  expect(found).toEqual(['a.ndjson', WAVE, ROCKET, 'c.ndjson', 'd.ndjson']);
  expect([...new Set(stops)]).toEqual(dates);
  expect(stops).toHaveLength(found.length + dates.length);
});

test('a search that an earlier version began, with a position for each status, continues after the last of them', async () => {
  const date_prefix = '2026-11-21';
  const aws = await stored([
    [date_prefix, WAVE, 'archived'],
    [date_prefix, ROCKET, 'parked'],
    [date_prefix, `${ROCKET}.2`, 'parked'],
  ]);
  const context = changeContext(aws);
  const files = {
    parked: { date_prefix, file_key: ROCKET },
    archived: { date_prefix, file_key: WAVE },
  };
  const selection = {
    ...{ statuses: ['unknown'], suffixes: USUAL_SUFFIXES_ONLY, after: { status: 'unknown', files } },
  };
  const found: string[] = [];
  const target = { new_status: 'failed', force: true };
  for await (const { entry } of selectFiles(context, selection, target, context.now))
    found.push(entry.file_key);
  expect(found).toEqual([`${ROCKET}.2`]);
});
