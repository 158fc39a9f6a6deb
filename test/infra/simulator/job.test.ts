import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import { fieldPipeline, names, suffixOf } from '../../support/field-pipeline.ts';

const DAY = '2026-11-22';

function rowsOf(file: Uint8Array): Promise<Record<string, unknown>[]> {
  const buffer = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer;
  return parquetReadObjects({ file: buffer });
}

async function converted(count: number) {
  const field = await fieldPipeline({ wakesOn: 'nothing' });
  await field.uploadAll(DAY, names(count));
  field.pipeline.wake();
  await field.pipeline.finish();
  return field;
}

test("outputs lie at the bucket's root, as Parquet with all rows as text, their time and where they came from", async () => {
  const { aws, list, bodyOf } = await converted(3);
  const outputs = await list('output');
  expect(outputs).toEqual([expect.stringMatching(/^merged-parquet-2026-11-22\/part-.*\.snappy\.parquet$/)]);
  const body = await bodyOf('output', outputs[0] ?? '');
  const rows = await rowsOf(body);
  const inputs: Record<string, unknown>[] = [];
  for (const name of names(3)) {
    const text = Buffer.from(await bodyOf('input', `pipeline/input/${DAY}/${name}`)).toString();
    const uri = `s3://${aws.buckets.input}/pipeline/input/${DAY}/${name}`;
    for (const line of text.trim().split('\n')) inputs.push({ ...JSON.parse(line), _source_file: uri });
  }
  expect(rows.map(({ id, _source_file }) => ({ id, _source_file }))).toEqual(
    inputs.map(({ id, _source_file }) => ({ id, _source_file })),
  );
  for (const [index, row] of rows.entries()) {
    expect(row.amount).toBe(String(inputs[index]?.amount));
    expect(row.note ?? null).toBe(inputs[index]?.note ?? null);
    expect(row._processing_timestamp).toMatch(/^2026-11-23T10:/);
    for (const value of Object.values(row)) expect(['string', 'object']).toContain(typeof value);
  }
});

test('a prefix can be put before outputs', async () => {
  const { uploadAll, list } = await fieldPipeline({ outputPrefix: 'parquet/' });
  await uploadAll(DAY, ['a.ndjson']);
  expect((await list('output'))[0]).toMatch(/^parquet\/merged-parquet-2026-11-22\//);
});

test('each job of a date appends one output', async () => {
  const { uploadAll, list } = await fieldPipeline();
  await uploadAll(DAY, ['a.ndjson']);
  await uploadAll(DAY, ['b.ndjson']);
  expect(await list('output')).toHaveLength(2);
});

test('a job reports at its end, in all fields and in the metadata', async () => {
  const { aws, pipeline, list, json, metadata } = await converted(2);
  const [manifest] = pipeline.ledger().manifests;
  const [key = ''] = (await list('manifest')).filter((one) => one.startsWith('logs/'));
  expect(key).toMatch(/^logs\/glue\/2026-11-23-T10\d{4}-[0-9a-f]{8}-0001\.json$/);
  const report = await json('manifest', key);
  const records = pipeline
    .ledger()
    .files.reduce((sum, { conversions }) => sum + (conversions[0]?.rows ?? 0), 0);
  const output_path = `s3://${aws.buckets.output}/merged-parquet-${DAY}/`;
  expect(report).toEqual({
    job_info: {
      job_name: expect.any(String),
      job_run_id: manifest?.jobRunIds[0],
      start_time: expect.stringMatching(/^2026-11-23T10:.*Z$/),
      end_time: expect.stringMatching(/^2026-11-23T10:.*Z$/),
      duration_seconds: expect.any(Number),
    },
    processing_summary: {
      manifest_processed: manifest?.uri,
      batches_processed: 1,
      records_processed: records,
      parquet_files_created: 1,
      errors_count: 0,
      status: 'success',
    },
    parquet_files: [{ output_path, record_count: records, partitions: 1 }],
    error_message: null,
  });
  expect(await metadata('manifest', key)).toEqual({
    job_run_id: manifest?.jobRunIds[0],
    execution_status: 'success',
    records_processed: String(records),
  });
});

test('a key that needed encoding fails its whole manifest, and the error names it', async () => {
  const { aws, pipeline, uploadAll, records, list, json } = await fieldPipeline({ wakesOn: 'nothing' });
  await uploadAll(DAY, ['a.ndjson', 'b (1).ndjson', 'c.ndjson']);
  pipeline.wake();
  await pipeline.finish();
  const uri = `s3://${aws.buckets.input}/pipeline/input/${DAY}/b+%281%29.ndjson`;
  const files = (await records()).filter(({ file_key }) => !String(file_key).startsWith('MANIFEST#'));
  expect(files).toHaveLength(3);
  for (const { status, error_message } of files) {
    expect(status).toMatch(/^failed#\d$/);
    expect(String(error_message).length).toBeLessThanOrEqual(1_000);
    const cause = /^\{Error=States\.TaskFailed, Cause=(\{.*\})\}$/.exec(String(error_message))?.[1] ?? '{}';
    expect(JSON.parse(cause)).toMatchObject({
      Id: expect.stringMatching(/^jr_[0-9a-f]{64}$/),
      JobRunState: 'FAILED',
      ErrorMessage: expect.stringMatching(
        /^An error occurred while calling o\d+\.json\. Path does not exist: s3:/,
      ),
    });
    expect(JSON.parse(cause).ErrorMessage).toContain(uri);
  }
  expect(await list('output')).toEqual([]);
  const [report = ''] = (await list('manifest')).filter((key) => key.startsWith('logs/'));
  expect(await json('manifest', report)).toMatchObject({
    processing_summary: { status: 'failed', errors_count: 1, parquet_files_created: 0 },
    error_message: expect.stringContaining(uri),
  });
});

test('a file whose input is gone poisons the next manifest too', async () => {
  const { aws, pipeline, uploadAll, reset, record, expectations } = await fieldPipeline({
    wakesOn: 'nothing',
  });
  await uploadAll(DAY, names(3));
  const Key = `pipeline/input/${DAY}/a-2.ndjson`;
  await aws.s3.send(new DeleteObjectCommand({ Bucket: aws.buckets.input, Key }));
  pipeline.wake();
  await pipeline.finish();
  expect(new Set(Object.values(expectations()))).toEqual(new Set(['failed']));
  for (const name of names(3)) await reset(DAY, name, suffixOf(await record(DAY, name)));
  await uploadAll(DAY, ['innocent.ndjson']);
  pipeline.wake();
  await pipeline.finish();
  expect(await record(DAY, 'innocent.ndjson')).toMatchObject({ error_message: expect.stringContaining(Key) });
});

test('a file that is reset while its job runs is converted twice, and nothing in its record tells', async () => {
  const { aws, pipeline, uploadAll, list, bodyOf, record, expectations } = await fieldPipeline({
    wakesOn: 'nothing',
  });
  await uploadAll(DAY, names(2));
  pipeline.plant('reset_while_running');
  pipeline.wake();
  await pipeline.advance(pipeline.now() + 60_000);
  expect(expectations()['a-1.ndjson']).toBe('waiting');
  pipeline.wake();
  await pipeline.finish();
  expect(new Set(Object.values(expectations()))).toEqual(new Set(['converted_twice']));
  const sources: unknown[] = [];
  for (const key of await list('output')) {
    for (const { id, _source_file } of await rowsOf(await bodyOf('output', key)))
      sources.push(`${id} ${_source_file}`);
  }
  expect(new Set(sources).size).toBe(sources.length / 2);
  const found = await record(DAY, 'a-1.ndjson');
  expect(found).toMatchObject({ status: expect.stringMatching(/^completed#/) });
  expect(found?.manifest_path).toContain(aws.buckets.manifest);
});

test('a job that hangs ends late, and converts files again that were converted in the meantime', async () => {
  const { pipeline, uploadAll, reset, record, expectations } = await fieldPipeline({ wakesOn: 'nothing' });
  await uploadAll(DAY, ['a.ndjson']);
  pipeline.plant('job_hung');
  pipeline.wake();
  await pipeline.finish();
  expect(expectations()).toEqual({ 'a.ndjson': 'stuck' });
  await reset(DAY, 'a.ndjson', suffixOf(await record(DAY, 'a.ndjson')));
  pipeline.wake();
  await pipeline.finish();
  expect(expectations()).toEqual({ 'a.ndjson': 'healthy' });
  await pipeline.advance(pipeline.now() + 48 * 3_600_000);
  expect(expectations()).toEqual({ 'a.ndjson': 'converted_twice' });
});

test('a job is ended after 48 hours', async () => {
  const { pipeline, uploadAll, record } = await fieldPipeline();
  pipeline.plant('job_timed_out');
  await uploadAll(DAY, ['a.ndjson']);
  expect(await record(DAY, 'a.ndjson')).toMatchObject({ status: expect.stringMatching(/^manifested/) });
  await pipeline.advance(pipeline.now() + 49 * 3_600_000);
  expect(await record(DAY, 'a.ndjson')).toMatchObject({ error_message: '{Error=States.Timeout, Cause=}' });
});

test('files are marked processing in version B, and only manifests in version A', async () => {
  for (const [version, status] of [
    ['A', 'manifested'],
    ['B', 'processing'],
  ] as const) {
    const { pipeline, uploadAll, record } = await fieldPipeline({ version });
    pipeline.plant('job_hung');
    await uploadAll(DAY, ['a.ndjson']);
    expect(String((await record(DAY, 'a.ndjson'))?.status).split('#')[0]).toBe(status);
    expect(pipeline.ledger().files[0]).toMatchObject({ date: DAY, key: 'a.ndjson', expected: 'stuck' });
  }
});

test('an execution that is stopped writes nothing any more, and its neighbour goes on', async () => {
  const { pipeline, uploadAll, record, expectations } = await fieldPipeline({ maxFiles: 1 });
  pipeline.plant('job_hung');
  await uploadAll(DAY, ['hung.ndjson']);
  const manifest = pipeline.ledger().manifests[0]?.name;
  const { execution_arn } = (await record(DAY, `MANIFEST#${manifest}`)) ?? {};
  pipeline.stop(String(execution_arn));
  await uploadAll(DAY, ['well.ndjson']);
  const before = await record(DAY, 'hung.ndjson');
  await pipeline.advance(pipeline.now() + 60 * 3_600_000);
  expect(await record(DAY, 'hung.ndjson')).toEqual(before);
  expect(expectations()).toEqual({ 'hung.ndjson': 'stuck', 'well.ndjson': 'healthy' });
});

test('a job that fails for another reason says why in its report and in its records', async () => {
  const { pipeline, uploadAll, record, list, json } = await fieldPipeline({ maxFiles: 1 });
  pipeline.plant('job_failed');
  await uploadAll(DAY, ['a.ndjson']);
  const { error_message = '' } = (await record(DAY, 'a.ndjson')) ?? {};
  expect(error_message).toMatch(/^{Error=States\.TaskFailed, Cause={.*"ErrorMessage":"/);
  const [key = ''] = (await list('manifest')).filter((each) => each.startsWith('logs/'));
  const report = await json('manifest', key);
  expect(report.processing_summary.status).toBe('failed');
  expect(error_message).toContain(report.error_message.slice(0, 20));
});
