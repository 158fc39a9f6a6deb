import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { answerWidget } from '../../../shared/dashboard/widget.ts';
import { failureClass } from '../../../shared/pipeline/failure-class.ts';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { registerDates } from '../../../shared/projection/dates.ts';
import { applyDeps } from '../../support/projection.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';
import { textOf } from './view-data.ts';
import { DATE, PLACE, type WidgetBench, widgetBench } from './widget-bench.ts';

const BEFORE = '2026-11-22';
const HEAP = failureClass('Java heap space').id;

let bench: WidgetBench;

beforeAll(async () => {
  bench = await widgetBench();
  const put = (date_prefix: string, file_key: string) =>
    bench.aws.documents.send(
      new PutCommand({
        TableName: bench.aws.trackingTable,
        Item: { date_prefix, file_key, status: 'pending#1', created_at: '2026-11-22T05:00:00Z' },
      }),
    );
  await put(BEFORE, 'orders-a.ndjson');
  await put(DATE, 'orders-b.ndjson');
  await put(BEFORE, 'MANIFEST#batch-0007.json');
  await put(BEFORE, 'stock-eu-west.ndjson');
  await registerDates(bench.source.projection, [BEFORE, DATE], new Set());
  const table = streamedTable();
  const failed = { status: 'failed#3', error_message: 'Java heap space' };
  const records = [table.write('heap.ndjson', uploaded()), table.write('heap.ndjson', failed)];
  const letters = { s3: bench.aws.s3, bucket: bench.aws.buckets.deadLetter };
  await consumeBatch(records, applyDeps(bench.aws, { projection: bench.source.projection }), letters);
}, 60_000);

const find = async (fields: object) => textOf(await bench.view({ view: 'find', ...fields }));

test('a date, today and yesterday lead to the files of that day', async () => {
  expect(await find({ name: 'today' })).toContain(`Files of ${DATE}`);
  expect(await find({ name: 'Yesterday' })).toContain(`Files of ${BEFORE}`);
  expect(await find({ name: '2026-11-22' })).toContain(`Files of ${BEFORE}`);
  expect(await find({ date: 'yesterday' })).toContain(`Files of ${BEFORE}`);
});

test('a part that one name contains shows its file, whatever the date and the case', async () => {
  expect(await find({ name: 'stock-' })).toContain(`${BEFORE} / stock-eu-west.ndjson`);
  expect(await find({ name: 'EU-WEST' })).toContain(`${BEFORE} / stock-eu-west.ndjson`);
  expect(await find({ name: 'batch-0007' })).toContain(`${BEFORE} / batch-0007.json`);
  expect(await find({ name: 'orders', date: 'today' })).toContain(`${DATE} / orders-b.ndjson`);
});

test('a part that several names contain lists their full names', async () => {
  const text = await find({ name: 'orders' });
  expect(text).toContain('“ orders ” matches 2 names');
  expect(text).toContain(`file ${DATE} orders-b.ndjson`);
  expect(text).toContain(`file ${BEFORE} orders-a.ndjson`);
});

test('a class of failures is found by its id, and by a part of its text beside the names that have it', async () => {
  expect(await find({ name: HEAP })).toContain(`Class ${HEAP}`);
  expect(await find({ name: 'heap space' })).toContain(`Class ${HEAP}`);
});

test('if nothing is found, the page says where it searched, and how to search further', async () => {
  const text = await find({ name: 'never-heard-of' });
  expect(text).toContain('No record of never-heard-of.');
  expect(text).toContain(`None of the 4 names of the newest 2 dates, ${BEFORE} to ${DATE} contains it.`);
  expect(text).toContain('No cause of failures contains it either.');
  const dated = await find({ name: 'never-heard-of', date: BEFORE });
  expect(dated).toContain('Search all dates');
  expect(dated).toContain(`runbooks/file.ts never-heard-of --date ${BEFORE} --env local`);
});

test('a search is not repeated automatically, but a view by full name is refreshed', async () => {
  const page = (name: string) =>
    answerWidget({ view: 'find', name, links: 'addresses' }, PLACE, bench.source);
  for (const part of ['EU-WEST', 'stock-', 'heap space', 'orders', 'never-heard-of']) {
    expect(await page(part), part).toContain('data-still');
  }
  for (const whole of ['orders-b.ndjson', 'today'])
    expect(await page(whole), whole).not.toContain('data-still');
});

test('for a name that no file can have, every link leads to a view', async () => {
  const page = (fields: object) =>
    answerWidget({ view: 'find', ...fields, links: 'addresses' }, PLACE, bench.source);
  const undated = await page({ name: 'folder/' });
  expect(textOf(undated)).toContain('No file can have this name.');
  expect(undated).not.toContain('date=');
  expect(await page({ name: 'folder/', date: 'today' })).not.toContain('date=today');
});

test('text that is not a date is reported as such', async () => {
  expect(await find({ name: 'x', date: 'tomorrow' })).toContain(
    '"date": must be a date as YYYY-MM-DD, today or yesterday.',
  );
});
