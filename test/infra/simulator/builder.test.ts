import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from 'vitest';
import { fieldPipeline, names, START, suffixOf, TODAY } from '../../support/field-pipeline.ts';

const YESTERDAY = '2026-11-22';
const EARLIER = '2026-11-20';
const statusOf = (record: Record<string, unknown> | undefined) => String(record?.status).split('#')[0];

test("nine files of today wait; the tenth's event builds a manifest of ten", async () => {
  const { pipeline, uploadAll, record } = await fieldPipeline();
  await uploadAll(TODAY, names(9));
  await pipeline.advance(START + 3_600_000);
  expect(pipeline.ledger().manifests).toEqual([]);
  expect(statusOf(await record(TODAY, 'a-1.ndjson'))).toBe('pending');
  await uploadAll(TODAY, ['b.ndjson']);
  expect(pipeline.ledger().manifests).toMatchObject([{ files: [...names(9), 'b.ndjson'] }]);
  expect(statusOf(await record(TODAY, 'a-1.ndjson'))).toBe('completed');
});

test('an event builds one manifest of today, however many files wait', async () => {
  const { pipeline, uploadAll, expectations } = await fieldPipeline({ wakesOn: 'nothing', maxFiles: 3 });
  await uploadAll(TODAY, names(8));
  pipeline.wake();
  await pipeline.finish();
  expect(pipeline.ledger().manifests).toHaveLength(1);
  pipeline.wake(TODAY);
  await pipeline.finish();
  pipeline.wake(TODAY);
  await pipeline.finish();
  expect(pipeline.ledger().manifests).toHaveLength(2);
  expect(Object.values(expectations()).filter((one) => one === 'waiting')).toHaveLength(2);
});

test('an event flushes one earlier date, the oldest, with whatever is pending there', async () => {
  const { pipeline, uploadAll } = await fieldPipeline({ wakesOn: 'nothing' });
  await uploadAll(YESTERDAY, ['y.ndjson']);
  await uploadAll(EARLIER, names(2, 'e'));
  pipeline.wake();
  await pipeline.finish();
  expect(pipeline.ledger().manifests).toMatchObject([{ date: EARLIER, files: names(2, 'e') }]);
  pipeline.wake();
  await pipeline.finish();
  expect(pipeline.ledger().manifests[1]).toMatchObject({ date: YESTERDAY, files: ['y.ndjson'] });
});

test('a wake for a date takes no other', async () => {
  const { pipeline, uploadAll, expectations } = await fieldPipeline({ wakesOn: 'nothing' });
  await uploadAll(YESTERDAY, ['y.ndjson']);
  await uploadAll(EARLIER, ['e.ndjson']);
  pipeline.wake(YESTERDAY);
  await pipeline.finish();
  expect(expectations()).toEqual({ 'e.ndjson': 'waiting', 'y.ndjson': 'healthy' });
});

test('a file that was reset waits until the next upload, and is then taken again', async () => {
  const { pipeline, uploadAll, record, reset } = await fieldPipeline();
  await uploadAll(YESTERDAY, ['y.ndjson', 'z.ndjson']);
  await reset(YESTERDAY, 'y.ndjson', suffixOf(await record(YESTERDAY, 'y.ndjson')));
  await pipeline.advance(START + 24 * 3_600_000);
  expect(statusOf(await record(YESTERDAY, 'y.ndjson'))).toBe('pending');
  await uploadAll(TODAY, ['any.ndjson']);
  expect(statusOf(await record(YESTERDAY, 'y.ndjson'))).toBe('completed');
  const conversions = pipeline.ledger().files.map(({ key, conversions }) => [key, conversions.length]);
  expect(Object.fromEntries(conversions)).toEqual({ 'y.ndjson': 2, 'z.ndjson': 1, 'any.ndjson': 0 });
});

test('63 files of today that were reset need 7 more uploads', { tags: ['long'] }, async () => {
  const { pipeline, uploadAll, record, reset, expectations } = await fieldPipeline();
  for (const ten of names(7, 'ten')) await uploadAll(TODAY, names(10, ten));
  expect(pipeline.ledger().manifests).toHaveLength(7);
  const files = pipeline.ledger().files.slice(0, 63);
  for (const { key } of files) await reset(TODAY, key, suffixOf(await record(TODAY, key)));
  for (let upload = 1; upload <= 6; upload += 1) await uploadAll(TODAY, [`more-${upload}.ndjson`]);
  const before = expectations();
  await uploadAll(TODAY, ['more-7.ndjson']);
  expect(Object.values(before)).toContain('waiting');
  expect(Object.values(expectations())).not.toContain('waiting');
});

test('in stream mode only an insert wakes the builder', async () => {
  const { pipeline, uploadAll } = await fieldPipeline({ wakesOn: 'insert', maxFiles: 2, version: 'B' });
  pipeline.plant('claim_released');
  await uploadAll(TODAY, names(2));
  await uploadAll(TODAY, names(2));
  expect(pipeline.ledger().manifests).toHaveLength(1);
  await uploadAll(TODAY, ['new.ndjson']);
  expect(pipeline.ledger().manifests).toHaveLength(2);
  expect(pipeline.ledger().manifests[1]?.name).toMatch(/^stream-batch-/);
});

test('a date to come is never taken', async () => {
  const { pipeline, uploadAll, expectations } = await fieldPipeline({ maxFiles: 1 });
  await uploadAll('4711-00-01', ['far.ndjson']);
  await uploadAll('2026-11-31', ['odd.ndjson']);
  expect(expectations()).toEqual({ 'far.ndjson': 'waiting', 'odd.ndjson': 'waiting' });
  await pipeline.advance(Date.parse('2026-12-01T00:00:00Z'));
  await uploadAll('2026-12-01', ['a.ndjson']);
  // Taken once its date has passed; its input has expired by then.
  expect(expectations()).toMatchObject({ 'far.ndjson': 'waiting', 'odd.ndjson': 'failed' });
});

test('a claim puts a placeholder, then comes the manifest with encoded URIs, then its URI in each record', async () => {
  const { aws, pipeline, uploadAll, record, json } = await fieldPipeline({ wakesOn: 'nothing' });
  await uploadAll(YESTERDAY, ['a (1).ndjson']);
  pipeline.wake();
  await pipeline.advance(pipeline.now());
  const claimed = await record(YESTERDAY, 'a+%281%29.ndjson');
  expect(claimed?.manifest_path).toMatch(/^pending-manifest-2026-11-22-1-\d{10}$/);
  expect(statusOf(claimed)).toBe('manifested');
  await pipeline.advance(pipeline.now() + 750);
  const [manifest] = pipeline.ledger().manifests;
  const assigned = await record(YESTERDAY, 'a+%281%29.ndjson');
  expect(assigned?.manifest_path).toBe(manifest?.uri);
  expect(manifest?.uri).toMatch(/\/manifests\/2026-11-22\/batch-0001-20261123-10\d{4}\.json$/);
  const key = manifest?.uri.replace(`s3://${aws.buckets.manifest}/`, '') ?? '';
  const uri = `s3://${aws.buckets.input}/pipeline/input/${YESTERDAY}/a+%281%29.ndjson`;
  expect((await json('manifest', key)).fileLocations).toEqual([{ URIPrefixes: [uri] }]);
});

test("a manifest's record comes after the start of its execution, is unsharded, and never updated_at", async () => {
  const { pipeline, uploadAll, record } = await fieldPipeline();
  await uploadAll(YESTERDAY, names(2));
  for (const { date, name, files } of pipeline.ledger().manifests) {
    const found = await record(date, `MANIFEST#${name}`);
    expect(found).toMatchObject({ status: 'completed', file_count: files.length });
    expect(found?.execution_arn).toMatch(/^arn:aws:states:/);
    expect(found).not.toHaveProperty('updated_at');
  }
});

test('version B keeps one record for all manifests of a date', async () => {
  const { uploadAll, records, record } = await fieldPipeline({ version: 'B' });
  await uploadAll(YESTERDAY, ['a.ndjson']);
  await uploadAll(YESTERDAY, ['b.ndjson']);
  const keys = (await records()).map(({ file_key }) => String(file_key));
  expect(keys.sort()).toEqual(['MANIFEST', 'a.ndjson', 'b.ndjson']);
  expect(await record(YESTERDAY, 'MANIFEST')).toMatchObject({ status: 'completed' });
});

test('a lock keeps a second builder of its date away until it has expired', async () => {
  const { aws, pipeline, uploadAll, expectations } = await fieldPipeline({ wakesOn: 'nothing' });
  await uploadAll(YESTERDAY, ['a.ndjson']);
  const ttl = Math.floor(pipeline.now() / 1_000) + 60;
  const Item = { date_prefix: `LOCK#${YESTERDAY}`, file_key: 'LOCK', locked_by: 'another', ttl };
  await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
  pipeline.wake();
  await pipeline.finish();
  expect(expectations()).toEqual({ 'a.ndjson': 'waiting' });
  await pipeline.advance(pipeline.now() + 61_000);
  pipeline.wake();
  await pipeline.finish();
  expect(expectations()).toEqual({ 'a.ndjson': 'healthy' });
});

test('two builders of one second overwrite each other: the files of the first are completed and never converted', async () => {
  const { aws, pipeline, uploadAll, record, json, expectations } = await fieldPipeline({
    wakesOn: 'nothing',
  });
  await uploadAll(YESTERDAY, names(4));
  pipeline.plant('manifest_overwritten');
  pipeline.wake();
  await pipeline.finish();
  const [first, second] = pipeline.ledger().manifests;
  expect(first?.uri).toBe(second?.uri);
  const key = first?.uri.replace(`s3://${aws.buckets.manifest}/`, '') ?? '';
  const listed = (await json('manifest', key)).fileLocations[0].URIPrefixes as string[];
  expect(listed.map((uri) => uri.split('/').at(-1))).toEqual(second?.files);
  for (const name of names(4)) expect(statusOf(await record(YESTERDAY, name))).toBe('completed');
  // Both executions read the manifest that is there then.
  expect(expectations()).toEqual({
    'a-1.ndjson': 'not_converted',
    'a-2.ndjson': 'not_converted',
    'a-3.ndjson': 'converted_twice',
    'a-4.ndjson': 'converted_twice',
  });
});

/** Two builders wake within one second, for two manifests. */
async function twoInOneSecond(namesCollide: boolean) {
  const options = { wakesOn: 'nothing', maxFiles: 2, namesCollide } as const;
  const { pipeline, uploadAll, expectations } = await fieldPipeline(options);
  await uploadAll(YESTERDAY, names(4));
  await pipeline.advance(Math.ceil(pipeline.now() / 1_000) * 1_000);
  pipeline.wake();
  await pipeline.advance(pipeline.now() + 705);
  pipeline.wake();
  await pipeline.finish();
  return { manifests: pipeline.ledger().manifests, expectations };
}

test('builders that run into one second by themselves choose the same name', async () => {
  const { manifests } = await twoInOneSecond(true);
  expect(new Set(manifests.map(({ name }) => name)).size).toBe(1);
  expect(manifests).toHaveLength(2);
});

test('where names are not to collide, builders of one second choose different ones, and nothing is overwritten', async () => {
  const { manifests, expectations } = await twoInOneSecond(false);
  expect(new Set(manifests.map(({ name }) => name)).size).toBe(2);
  expect(new Set(Object.values(expectations()))).toEqual(new Set(['healthy']));
});

test('a job touches no file that an operator has moved meanwhile', async () => {
  const { aws, pipeline, uploadAll, record } = await fieldPipeline({ wakesOn: 'nothing' });
  await uploadAll(YESTERDAY, names(2));
  pipeline.wake();
  await pipeline.advance(pipeline.now() + 2_000);
  const Item = { date_prefix: YESTERDAY, file_key: 'a-1.ndjson', status: 'quarantined' };
  await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
  await pipeline.finish();
  expect(await record(YESTERDAY, 'a-1.ndjson')).toEqual(Item);
  expect(statusOf(await record(YESTERDAY, 'a-2.ndjson'))).toBe('completed');
});
