import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from 'vitest';
import { fieldPipeline, names, START, TODAY } from '../../support/field-pipeline.ts';

const DAY = '2026-11-22';

test('a fresh record has the form of the field, and no updated_at', async () => {
  const { aws, uploadAll, record } = await fieldPipeline({ wakesOn: 'nothing' });
  await uploadAll(DAY, ['a (1).ndjson']);
  expect(await record(DAY, 'a+%281%29.ndjson')).toEqual({
    date_prefix: DAY,
    file_key: 'a+%281%29.ndjson',
    status: expect.stringMatching(/^pending#\d$/),
    shard_id: expect.any(Number),
    file_path: `s3://${aws.buckets.input}/pipeline/input/${DAY}/a+%281%29.ndjson`,
    file_size_mb: expect.any(Number),
    created_at: expect.stringMatching(/^2026-11-23T10:00:00/),
    ttl: Math.floor(START / 1_000) + 30 * 86_400,
  });
});

test.each(['_SUCCESS', 'a.ndjson.gz', 'a.NDJSON', 'notes.txt', 'folder/'])(
  '%s never reaches the pipeline',
  async (name) => {
    const { pipeline, uploadAll, records, list } = await fieldPipeline();
    await uploadAll(DAY, [name]);
    expect(await records()).toEqual([]);
    expect(await list('input')).toEqual([`pipeline/input/${DAY}/${name}`]);
    expect(pipeline.ledger().files).toEqual([]);
  },
);

test('no event is sent for a key outside the input prefix', async () => {
  const { pipeline, records } = await fieldPipeline();
  pipeline.upload(`${DAY}/a.ndjson`);
  await pipeline.finish();
  expect(await records()).toEqual([]);
  const open = await fieldPipeline({ inputPrefix: '' });
  open.pipeline.upload(`${DAY}/a.ndjson`);
  await open.pipeline.finish();
  expect(await open.record(DAY, 'a.ndjson')).toBeDefined();
});

test('a refused file is copied under its own key with its reason and origin, and has no record', async () => {
  const { aws, pipeline, uploadAll, records, list, metadata, expectations } = await fieldPipeline();
  pipeline.plant('refused');
  await uploadAll(DAY, ['a (1).ndjson']);
  const key = `pipeline/input/${DAY}/a (1).ndjson`;
  expect(await list('quarantine')).toEqual([key]);
  expect(await metadata('quarantine', key)).toEqual({
    quarantine_reason: expect.stringMatching(/^Size 0\.00MB outside expected range/),
    original_bucket: aws.buckets.input,
  });
  expect(await records()).toEqual([]);
  expect(expectations()).toEqual({ 'a+%281%29.ndjson': 'healthy' });
});

test('a prefix can be put before the copies of refused files', async () => {
  const { pipeline, uploadAll, list } = await fieldPipeline({ quarantinePrefix: 'quarantine/' });
  pipeline.plant('refused');
  await uploadAll(DAY, ['a.ndjson']);
  expect(await list('quarantine')).toEqual([`quarantine/pipeline/input/${DAY}/a.ndjson`]);
});

describe('an upload of the same name again', () => {
  test('is ignored by version A: the new object is never converted', async () => {
    const { pipeline, uploadAll, record, expectations } = await fieldPipeline({ version: 'A' });
    await uploadAll(DAY, ['a.ndjson']);
    const before = await record(DAY, 'a.ndjson');
    await uploadAll(DAY, ['a.ndjson']);
    expect(await record(DAY, 'a.ndjson')).toEqual(before);
    expect(pipeline.ledger().files[0]?.uploads).toHaveLength(2);
    expect(pipeline.ledger().files[0]?.conversions).toHaveLength(1);
    expect(expectations()).toEqual({ 'a.ndjson': 'not_converted' });
  });

  test('makes version B put the record again, and convert again', async () => {
    const { pipeline, uploadAll, record, expectations } = await fieldPipeline({
      version: 'B',
      wakesOn: 'nothing',
    });
    await uploadAll(DAY, ['a.ndjson', 'bystander.ndjson']);
    pipeline.wake();
    await pipeline.finish();
    const bystander = await record(DAY, 'bystander.ndjson');
    await uploadAll(DAY, ['a.ndjson']);
    const again = await record(DAY, 'a.ndjson');
    expect(again).toMatchObject({ status: expect.stringMatching(/^pending/) });
    for (const gone of ['updated_at', 'completed_time', 'manifest_path'])
      expect(again).not.toHaveProperty(gone);
    expect(await record(DAY, 'bystander.ndjson')).toEqual(bystander);
    pipeline.wake();
    await pipeline.finish();
    expect(pipeline.ledger().files[0]?.conversions.map(({ upload }) => upload)).toEqual([1, 2]);
    expect(expectations()).toMatchObject({ 'a.ndjson': 'healthy' });
  });
});

describe('a fault of one file', () => {
  test.each([
    ['lost_event', 'not_recorded'],
    ['input_gone', 'failed'],
    ['unknown_status', 'stuck'],
    ['odd_suffix', 'stuck'],
    ['odd_time', 'healthy'],
    ['quarantined', 'healthy'],
  ] as const)('%s is in the ledger with its time, and the file is %s', async (fault, expected) => {
    const { pipeline, uploadAll, expectations } = await fieldPipeline();
    pipeline.plant(fault);
    await uploadAll(DAY, ['a.ndjson']);
    expect(expectations()).toEqual({ 'a.ndjson': expected });
    const [noted] = pipeline.ledger().files[0]?.faults ?? [];
    expect(noted).toMatchObject({ fault });
    expect(noted?.atMillis).toBeGreaterThan(START);
    await uploadAll(DAY, ['b.ndjson']);
    expect(expectations()['b.ndjson']).toBe('healthy');
  });

  test('happens to the date that it was planted for', async () => {
    const { pipeline, uploadAll, expectations } = await fieldPipeline();
    pipeline.plant('lost_event', DAY);
    await uploadAll(TODAY, ['a.ndjson']);
    await uploadAll(DAY, ['b.ndjson']);
    expect(expectations()).toEqual({ 'a.ndjson': 'waiting', 'b.ndjson': 'not_recorded' });
  });

  test('uploaded_again comes once the file is completed', async () => {
    const { pipeline, uploadAll, expectations } = await fieldPipeline();
    pipeline.plant('uploaded_again');
    await uploadAll(DAY, ['a.ndjson']);
    await pipeline.advance(pipeline.now() + 600_000);
    expect(expectations()).toEqual({ 'a.ndjson': 'not_converted' });
  });
});

describe('a fault of a whole manifest', () => {
  test.each([
    ['builder_died', 'stuck'],
    ['lock_left', 'stuck'],
    ['manifest_lost', 'stuck'],
    ['never_started', 'stuck'],
    ['claim_released', 'waiting'],
    ['job_throttled', 'failed'],
    ['job_missing_input', 'failed'],
    ['job_long', 'under_way'],
    ['job_hung', 'stuck'],
    ['job_timed_out', 'stuck'],
    ['report_missing', 'healthy'],
    ['output_lost', 'not_converted'],
    ['updater_missed', 'stuck'],
  ] as const)('%s: its files are %s, those of the next one are healthy', async (fault, expected) => {
    const { aws, pipeline, uploadAll, expectations, record, list } = await fieldPipeline({
      wakesOn: 'nothing',
    });
    const Item = { date_prefix: DAY, file_key: 'zz.ndjson', status: 'completed#1', ttl: 4_000_000_000 };
    await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
    await uploadAll(DAY, names(2));
    pipeline.plant(fault);
    pipeline.wake();
    await pipeline.finish();
    expect(expectations()).toEqual({ 'a-1.ndjson': expected, 'a-2.ndjson': expected });
    const faults = pipeline.ledger().files.flatMap(({ faults }) => faults.map((one) => one.fault));
    expect(faults).toContain(fault);
    const reports = (await list('manifest')).filter((key) => key.startsWith('logs/'));
    if (fault === 'report_missing') expect(reports).toEqual([]);
    await pipeline.advance(pipeline.now() + 301_000);
    await uploadAll(DAY, ['next.ndjson']);
    pipeline.wake();
    await pipeline.finish();
    expect(expectations()['next.ndjson']).toBe('healthy');
    expect(await record(DAY, 'zz.ndjson')).toEqual(Item);
  });

  test('updater_missed_some leaves half of the files behind', async () => {
    const { pipeline, uploadAll, expectations } = await fieldPipeline({ wakesOn: 'nothing' });
    await uploadAll(DAY, names(2));
    pipeline.plant('updater_missed_some');
    pipeline.wake();
    await pipeline.finish();
    expect(expectations()).toEqual({ 'a-1.ndjson': 'stuck', 'a-2.ndjson': 'healthy' });
  });
});

test('the event of an object without a record can come again, and that of a known one does nothing', async () => {
  const { pipeline, uploadAll, record, expectations } = await fieldPipeline({ maxFiles: 1 });
  pipeline.plant('lost_event');
  await uploadAll(TODAY, ['lost.ndjson']);
  await uploadAll(TODAY, ['known.ndjson']);
  expect(expectations()).toEqual({ 'lost.ndjson': 'not_recorded', 'known.ndjson': 'healthy' });
  const before = await record(TODAY, 'known.ndjson');
  for (const name of ['lost.ndjson', 'known.ndjson']) pipeline.redrive(`pipeline/input/${TODAY}/${name}`);
  await pipeline.finish();
  expect(expectations()).toEqual({ 'lost.ndjson': 'healthy', 'known.ndjson': 'healthy' });
  expect(await record(TODAY, 'known.ndjson')).toEqual(before);
});
