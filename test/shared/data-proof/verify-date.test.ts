import { setTimeout } from 'node:timers/promises';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from 'vitest';
import { collectRows } from '../../../shared/data-proof/date-rows.ts';
import { verifyManifests } from '../../../shared/data-proof/verify-manifests.ts';
import { AUDITED_DATE } from '../../support/audited-date.ts';
import { parquetFile, type Rows } from '../../support/parquet-files.ts';
import { verifiedDate } from '../../support/verified-date.ts';

const UUID = '11111111-2222-3333-4444-555555555555';

test('files that were converted once are present, whatever their names and the spelling of their sources', async () => {
  const { completed, job, uri, verify } = await verifiedDate();
  const names = [
    'a.ndjson',
    'b (1).ndjson',
    'a+b.ndjson',
    'a b.ndjson',
    '100%25.ndjson',
    '100%.ndjson',
    'é~.ndjson',
  ];
  for (const name of names) await completed(name);
  await completed('spaced name.ndjson');
  await completed('by hadoop (2).ndjson');
  await job([
    ...names.map((name) => [name, 3] as const),
    [uri('spaced name.ndjson'), 2],
    [uri('by%20hadoop%20(2).ndjson').replace('s3:', 's3a:'), 2],
  ]);
  const { said, totals } = await verify();
  expect(said).toEqual([]);
  expect(totals.files).toMatchObject({ present: 9, unknown: 0, nothing: 0 });
  expect(totals.rows).toBe(25);
});

test('lost, twice and unexpected files are reported, and files in flight whose rows are there; nothing else is', async () => {
  const { completed, files, job, uri, verify } = await verifiedDate();
  for (const name of ['well.ndjson', 'lost.ndjson', 'twice.ndjson', 'lost (1).ndjson', 'twice (1).ndjson']) {
    await completed(name);
  }
  await files.record('failed.ndjson', { status: 'failed' });
  await files.record('pending.ndjson', { status: 'pending' });
  await files.record('odd.ndjson', { status: 'on hold' });
  await files.record('failed-rightly.ndjson', { status: 'failed' });
  await files.record('waiting.ndjson', { status: 'pending' });
  await files.record('running.ndjson', { status: 'processing' });
  const doubled = [
    ['twice.ndjson', 5],
    ['twice (1).ndjson', 5],
  ] as const;
  await job([['well.ndjson', 5], ...doubled], UUID);
  await job([
    ...doubled,
    ['failed.ndjson', 1],
    ['pending.ndjson', 1],
    ['odd.ndjson', 1],
    ['running.ndjson', 2],
  ]);
  await job([
    ['nobody.ndjson', 7],
    ['nobody (1).ndjson', 7],
    [uri('x').replace('/x', '/deeper/well.ndjson'), 1],
  ]);
  const { said, findings } = await verify();
  expect(said).toEqual([
    'converted running.ndjson',
    'lost lost+%281%29.ndjson',
    'lost lost.ndjson',
    'twice twice+%281%29.ndjson',
    'twice twice.ndjson',
    'unexpected failed.ndjson',
    'unexpected nobody+%281%29.ndjson',
    'unexpected nobody.ndjson',
    'unexpected odd.ndjson',
    'unexpected pending.ndjson',
    'unexpected well.ndjson',
  ]);
  const twice = findings.find(({ file_key }) => file_key === 'twice.ndjson');
  expect(twice).toMatchObject({ rows: 10, lines: null, status: 'completed' });
  expect(twice?.objects.map(({ rows, write, surplus }) => [rows, write === UUID, surplus]).sort()).toEqual([
    [5, false, true],
    [5, true, false],
  ]);
});

test('if lines are counted, a row too few or too many is reported; blank lines do not count', async () => {
  const { completed, input, job, verify } = await verifiedDate();
  const inputs = {
    'well.ndjson': 4,
    'short.ndjson': 4,
    'more.ndjson': 4,
    'blank.ndjson': ' \r\n{}\n\n\t\n{}',
    'none.ndjson': '\n\n',
  };
  for (const [name, lines] of Object.entries(inputs)) {
    await input(name, lines);
    await completed(name);
  }
  await completed('expired.ndjson');
  await job([
    ['well.ndjson', 4],
    ['short.ndjson', 3],
    ['more.ndjson', 8],
    ['blank.ndjson', 2],
    ['expired.ndjson', 2],
  ]);
  const without = await verify();
  expect(without.said).toEqual([]);
  expect(without.totals.files).toMatchObject({ present: 5, whole: 1 });
  const counted = await verify({ lineShare: 1 });
  expect(counted.said).toEqual(['partly short.ndjson', 'twice more.ndjson']);
  expect(counted.totals).toMatchObject({ files: { whole: 3, present: 1 }, compared: { files: 4, short: 1 } });
  const known = await verify({ lines: [['expired.ndjson', 3]] });
  expect(known.said).toEqual(['partly expired.ndjson']);
});

test('an input that was uploaded again is not compared', async () => {
  const { completed, input, job, now, verify } = await verifiedDate();
  await input('again.ndjson', 9);
  const long = new Date(now - 2.5 * 3_600_000).toISOString();
  await completed('again.ndjson', { completed_time: long });
  await job([['again.ndjson', 4]]);
  expect((await verify({ lineShare: 1 })).said).toEqual([]);
});

test('an input that was uploaded within a minute after its rows were written is not compared', async () => {
  const { completed, input, job, verify } = await verifiedDate();
  await completed('soon-again.ndjson');
  await completed('well.ndjson');
  await input('well.ndjson', 2);
  await job([
    ['soon-again.ndjson', 5],
    ['well.ndjson', 5],
  ]);
  // S3 gives times to the second.
  await setTimeout(1_100);
  await input('soon-again.ndjson', 3);
  expect((await verify({ lineShare: 1 })).said).toEqual(['twice well.ndjson']);
});

test('rows of an earlier upload of the same name do not count for this one', async () => {
  const { files, job, now, verify } = await verifiedDate();
  const created_at = new Date(now - 40 * 60_000).toISOString();
  await job([['renewed.ndjson', 4]]);
  await files.record('renewed.ndjson', { status: 'pending', created_at });
  expect((await verify()).said).toEqual([]);
});

test('no file is lost while an object that may hold its rows cannot be read', async () => {
  const { completed, files, folder, now, verify } = await verifiedDate();
  await completed('missing.ndjson');
  await folder.put('part-0.parquet', 'half');
  const { said, totals } = await verify();
  expect(said).toEqual([]);
  expect(totals.files.unknown).toBe(1);
  expect(totals.reasons).toEqual([expect.stringContaining('part-0.parquet: corrupt')]);
  const created_at = new Date(now - 45 * 60_000).toISOString();
  await files.record('later.ndjson', { status: 'completed', created_at, completed_time: created_at });
  expect((await verify()).said).toEqual(['lost later.ndjson']);
});

test('rows whose name is longer than a key may be do not end a verification', async () => {
  const { aws, completed, job, now, verify } = await verifiedDate();
  // A writer that encodes nothing: 407 bytes, of which an event makes 1,207.
  const name = `${'\u00e9'.repeat(200)}.ndjson`;
  const completed_time = new Date(now - 45 * 60_000).toISOString();
  const Item = { date_prefix: AUDITED_DATE, file_key: name, status: 'completed', completed_time };
  await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
  const plain = 'p'.repeat(1_100);
  await completed('z.ndjson');
  await job([
    [name, 2],
    [plain, 1],
    ['z.ndjson', 2],
  ]);
  const { said, totals } = await verify({ keysPerPage: 1 });
  expect(said).toEqual([`unexpected ${plain}`]);
  expect(totals.files.present).toBe(2);
});

test('no file is lost while there are rows without a name of where they came from', async () => {
  const { completed, folder, uri, verify } = await verifiedDate();
  await completed('missing.ndjson');
  await completed('well.ndjson');
  const rows: readonly Rows[] = [
    [uri('well.ndjson'), 2],
    ['', 5],
    ['s3://bucket/folder/', 1],
  ];
  await folder.put('part-0.parquet', parquetFile(rows));
  const { said, totals } = await verify();
  expect(said).toEqual([]);
  expect(totals.files).toMatchObject({ unknown: 1, present: 1 });
  expect(totals.reasons).toEqual([expect.stringContaining('6 rows do not say where they came from')]);
});

test('a file that was completed a moment ago, or whose record names another folder, is not lost', async () => {
  const { completed, now, verify } = await verifiedDate();
  await completed('young.ndjson', { completed_time: new Date(now - 60_000).toISOString() });
  await completed('elsewhere.ndjson', { output_path: 's3://other/folder/' });
  const { said, totals } = await verify();
  expect(said).toEqual([]);
  expect(totals.files).toMatchObject({ young: 1, unknown: 1 });
});

test.each(['', '/', '/part-00000-0.snappy.parquet'])(
  'a record that names the usual folder, followed by "%s", names no other place',
  async (end) => {
    const { aws, completed, job, verify } = await verifiedDate();
    const output_path = `s3://${aws.buckets.output}/merged-parquet-2026-11-23${end}`;
    await completed('lost.ndjson', { output_path });
    await completed('well.ndjson', { output_path });
    await job([['well.ndjson', 1]]);
    expect((await verify()).said).toEqual(['lost lost.ndjson']);
  },
);

test('a file is not lost while there are rows of another object with its name', async () => {
  const { completed, job, uri, verify } = await verifiedDate();
  await completed('moved.ndjson');
  await job([[uri('moved.ndjson').replace('/pipeline/input/', '/other/'), 2]]);
  const { said, totals } = await verify();
  expect(said).toEqual(['unexpected moved.ndjson']);
  expect(totals.files.unknown).toBe(1);
});

test('rows of another date are counted apart', async () => {
  const { completed, job, uri, verify } = await verifiedDate();
  await completed('well.ndjson');
  const other = uri('x.ndjson').replaceAll('2026-11-23', '2026-11-20');
  await job([
    ['well.ndjson', 1],
    [other, 6],
  ]);
  const { said, rows } = await verify();
  expect(said).toEqual([]);
  expect(rows?.otherDates).toEqual({ rows: 6, samples: [other] });
});

test('a bucket whose name looks as if it had a date does not move its rows to another date', () => {
  const object = { bucket: 'output', key: 'part-0.snappy.parquet', size: 1, modified: 0, etag: 'e' };
  const uri = 's3://input-2024-01-01/pipeline/input/2026-11-23/a.ndjson';
  const reading = { object, state: 'read', rows: 3, unnamed: 0, sources: [[uri, 3]] } as const;
  const { otherDates, plain } = collectRows('2026-11-23', [reading]);
  expect(otherDates.rows).toBe(0);
  expect(plain).toHaveLength(1);
});

test("a manifest's rows are compared with its job's report", async () => {
  const { aws, completed, files, folder, job, now, verify } = await verifiedDate();
  const manifests = { agrees: 10, short: 11, surplus: 9, silent: null };
  for (const [name, records] of Object.entries(manifests)) {
    const names = [`${name}-1.ndjson`, `${name}-2.ndjson`];
    const manifest_path = await files.manifest(`${name}.json`, names, { status: 'completed' });
    for (const each of names) await completed(each, { manifest_path });
    await job(names.map((each) => [each, 5] as const));
    if (records === null) continue;
    const time = new Date(now - 3_600_000 + 5_000).toISOString();
    const report = {
      job_info: { job_run_id: `jr_${name}`, start_time: time, end_time: time },
      processing_summary: {
        manifest_processed: manifest_path,
        records_processed: records,
        status: 'success',
      },
    };
    const clock = time.slice(11, 19).replaceAll(':', '');
    const key = `logs/glue/${time.slice(0, 10)}-T${clock}-${name}-0001.json`;
    await folder.putInto(aws.buckets.manifest, key, JSON.stringify(report));
  }
  const { said, totals, given } = await verify();
  expect(said).toEqual([]);
  const results = await verifyManifests(given, totals.manifests);
  const told = results.map(({ manifest, result, run_id }) => [manifest.split('/').at(-1), result, run_id]);
  expect(told.sort()).toEqual([
    ['agrees.json', 'agrees', 'jr_agrees'],
    ['short.json', 'short', 'jr_short'],
    ['silent.json', 'unknown', null],
    ['surplus.json', 'surplus', 'jr_surplus'],
  ]);
});

test('a planted loss, a lost row and a doubled file are found among many, page by page', {
  tags: ['long'],
}, async () => {
  const { completed, job, verify } = await verifiedDate();
  const names = Array.from({ length: 1_100 }, (_, i) => `f${i}.ndjson`);
  for (let from = 0; from < names.length; from += 100) {
    const batch = names.slice(from, from + 100);
    await Promise.all(batch.map((name) => completed(name)));
    await job(
      batch
        .filter((name) => name !== 'f777.ndjson')
        .map((name) => [name, name === 'f778.ndjson' ? 9 : 10] as const),
    );
  }
  await job([['f1050.ndjson', 10]]);
  const { said, totals } = await verify({ lines: names.map((name) => [name, 10]) });
  expect(said).toEqual(['lost f777.ndjson', 'partly f778.ndjson', 'twice f1050.ndjson']);
  expect(totals.files.whole).toBe(1_097);
});
