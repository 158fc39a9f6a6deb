import { randomUUID } from 'node:crypto';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from 'vitest';
import type { DataFinding } from '../../../shared/data-proof/data-finding.ts';
import { readFileCounts } from '../../../shared/data-proof/file-counts.ts';
import {
  findingKey,
  keepProof,
  proofOf,
  readDateFindings,
  readFileProof,
  readKnownFindings,
} from '../../../shared/data-proof/kept-proof.ts';
import { keepLines, keepReadings, loadKeptRows } from '../../../shared/data-proof/kept-rows.ts';
import type { ObjectReading } from '../../../shared/data-proof/read-sources.ts';
import { packReadings, unpackReadings } from '../../../shared/data-proof/reading-codec.ts';
import { eventSpelling } from '../../../shared/pipeline/names.ts';
import { ask, operationDeps } from '../../support/operations.ts';
import { verifiedDate } from '../../support/verified-date.ts';

const DATE = '2026-11-23';
const EXPIRES = 2_000_000_000;

function reading(i: number, files: number): ObjectReading {
  const object = { bucket: 'out', key: `part-${i}.parquet`, size: 9, modified: i, etag: `"${i}"` };
  const sources = Array.from(
    { length: files },
    () => [`s3://input/pipeline/input/${DATE}/${DATE}-test-${randomUUID()}.ndjson`, 1_204] as const,
  );
  return { object, state: 'read', rows: files * 1_204, unnamed: 0, sources };
}

test('readings come back as they were packed', () => {
  const object = { bucket: 'out', key: 'x', size: 9, modified: 1, etag: '' };
  const readings: ObjectReading[] = [reading(1, 3), { object, state: 'corrupt', detail: 'cut' }];
  expect(unpackReadings(packReadings(readings))).toEqual(readings);
});

test('what was read and counted is not read again; what may pass is not kept; other dates stay untouched', async () => {
  const { aws, completed, idOf, input, job, projected, verify } = await verifiedDate();
  const { projection } = operationDeps(aws);
  await keepLines(projection, '2026-11-20', [['other.ndjson', 1]], EXPIRES);
  await input('a.ndjson', 3);
  await completed('a.ndjson');
  await job([['a.ndjson', 2]]);
  const first = await verify({ lineShare: 1 });
  expect(first.said).toEqual(['partly a.ndjson']);
  const [read] = first.state.readings;
  if (!read) throw new Error('nothing was read');
  const gone: ObjectReading = { object: { ...read.object, key: 'gone' }, state: 'gone', detail: '' };
  for (let twice = 0; twice < 2; twice++) {
    await keepReadings(projection, DATE, [...first.state.readings, gone], EXPIRES);
    await keepLines(projection, DATE, [[idOf('a.ndjson'), 3]], EXPIRES);
  }
  const kept = await loadKeptRows(projection, DATE);
  expect(kept.known(gone.object)).toBeUndefined();
  const meter = { requests: 0, bytes: 0 };
  const again = await verify({ kept, meter });
  expect(again.said).toEqual(first.said);
  expect(meter).toEqual({ requests: 0, bytes: 0 });
  expect((await loadKeptRows(projection, '2026-11-20')).lines).toEqual(new Map([['other.ndjson', 1]]));
  expect(await projected()).toHaveLength(3);
});

test('a date of many files takes several items, and less than 40 bytes for each file', async () => {
  const { aws, projected } = await verifiedDate();
  const { projection } = operationDeps(aws);
  const readings = Array.from({ length: 200 }, (_, i) => reading(i, 100));
  await keepReadings(projection, DATE, readings, EXPIRES);
  const items = await projected();
  expect(items.length).toBeGreaterThan(1);
  const bytes = items.reduce((sum, { packed }) => sum + (packed as Uint8Array).length, 0);
  expect(bytes / 20_000).toBeLessThan(40);
  const { known } = await loadKeptRows(projection, DATE);
  expect(readings.filter(({ object }) => known(object) === undefined)).toEqual([]);
});

test('lines and rows of a file come from the stored data, until it is retried', async () => {
  const { aws, completed, idOf, input, job, verify, now } = await verifiedDate();
  const { projection } = operationDeps(aws);
  await input('a.ndjson', 3);
  const record = await completed('a.ndjson');
  const part = await job([['a.ndjson', 3]]);
  const { given, state, findings } = await verify({ lineShare: 1 });
  await keepReadings(projection, DATE, state.readings, EXPIRES);
  await keepProof(projection, proofOf(given, state), findings, EXPIRES);
  const proof = await readFileProof(projection, record);
  if (!proof) throw new Error('nothing was kept');
  expect(await readFileCounts(projection, proof, record, now)).toEqual({
    lines: null,
    rows: 3,
    objects: [part],
  });
  await keepLines(projection, DATE, [[idOf('a.ndjson'), 3]], EXPIRES);
  expect(await readFileCounts(projection, proof, record, now)).toMatchObject({ lines: 3, rows: 3 });
  const again = { ...record, updated_at: new Date(now - 60_000).toISOString() };
  expect(await readFileCounts(projection, proof, again, now)).toMatchObject({ lines: null, rows: 3 });
  await job([['a.ndjson', 3]]);
  await keepReadings(projection, DATE, (await verify()).state.readings, EXPIRES);
  expect(await readFileCounts(projection, proof, record, now)).toBeUndefined();
});

test('findings of a date are those of its last verification, and no others', async () => {
  const { aws, completed, job, verify, now } = await verifiedDate();
  const { projection } = operationDeps(aws);
  await completed('lost.ndjson');
  await completed('well.ndjson');
  await job([['well.ndjson', 2]]);
  const { given, state, findings } = await verify();
  const found = findings[0] as DataFinding;
  const other = { ...found, date_prefix: '2026-11-20' };
  const stale = { ...found, file_key: 'stale.ndjson' };
  expect(await readFileProof(projection, found)).toBeUndefined();
  await keepProof(projection, proofOf({ ...given, date: '2026-11-20' }, state), [other], EXPIRES);
  await keepProof(projection, proofOf({ ...given, now: now - 1 }, state), [found, stale], EXPIRES);
  await keepProof(projection, proofOf(given, state), findings, EXPIRES);
  const proof = await readFileProof(projection, found);
  expect(proof).toMatchObject({ proof: { at: now, rows: 2, files: { lost: 1, present: 1 } } });
  expect(proof?.finding).toEqual(found);
  expect(await readFileProof(projection, stale)).toMatchObject({ finding: undefined });
  expect(await readFileProof(projection, other)).toMatchObject({ finding: { type: 'lost' } });
});

test('rows of a name that is too long for a record are found again under that name, beside other findings', async () => {
  const { aws, completed, job, verify } = await verifiedDate();
  const { projection } = operationDeps(aws);
  await completed('lost.ndjson');
  await completed('well.ndjson');
  // 607 bytes in the bucket, 1,807 as an event spells it.
  const name = `${'\u00e9'.repeat(300)}.ndjson`;
  const long = eventSpelling(name);
  await job([
    ['well.ndjson', 2],
    [name, 2],
  ]);
  for (let night = 0; night < 2; night++) {
    const { given, state, findings } = await verify();
    await keepProof(projection, proofOf(given, state), findings, EXPIRES);
    const kept = await readDateFindings(projection, DATE);
    expect([...kept.findings.values()].map(({ type, file_key }) => [file_key, type]).sort()).toEqual([
      [long, 'unexpected'],
      ['lost.ndjson', 'lost'],
    ]);
  }
});

test('rows of other objects of the same name do not hide what is found about a record, and are known the next night', async () => {
  const { aws, completed, input, job, verify } = await verifiedDate();
  const { projection } = operationDeps(aws);
  await input('same.ndjson', 3);
  const record = await completed('same.ndjson');
  const elsewhere = ['one', 'two'].map((folder) => `s3://elsewhere/${folder}/same.ndjson`);
  await job([['same.ndjson', 3]]);
  await job([['same.ndjson', 3], ...elsewhere.map((uri) => [uri, 1] as const)]);
  const { given, state, findings } = await verify({ lineShare: 1 });
  await keepProof(projection, proofOf(given, state), findings, EXPIRES);
  const expected = ['same.ndjson twice', 'same.ndjson unexpected', 'same.ndjson unexpected'];
  const kept = await readDateFindings(projection, DATE);
  expect([...kept.findings.values()].map(({ file_key, type }) => `${file_key} ${type}`).sort()).toEqual(
    expected,
  );
  expect(kept.findings.get('same.ndjson')).toMatchObject({ type: 'twice', rows: 6 });
  expect((await readFileProof(projection, record))?.finding).toMatchObject({ type: 'twice', rows: 6 });
  const { types } = await readKnownFindings(projection, DATE);
  expect(findings.map((finding) => types.get(findingKey(finding)))).toEqual(findings.map(({ type }) => type));
});

test('while a later verification is being stored, nothing is proved about a file that it has found already', async () => {
  const { aws, completed, job, verify, now } = await verifiedDate();
  const { projection } = operationDeps(aws);
  const lost = await completed('lost.ndjson');
  const well = await completed('well.ndjson');
  await job([['well.ndjson', 2]]);
  const { given, state, findings } = await verify();
  const before = proofOf({ ...given, now: now - 1 }, state);
  await keepProof(projection, proofOf(given, state), findings, EXPIRES);
  await aws.documents.send(
    new PutCommand({ TableName: projection.name, Item: { pk: 'PROVED', sk: DATE, ...before } }),
  );
  expect(await readFileProof(projection, lost)).toBeUndefined();
  expect(await readDateFindings(projection, DATE)).toEqual({ proof: undefined, findings: new Map() });
  expect(await readFileProof(projection, well)).toMatchObject({ proof: { at: now - 1 }, finding: undefined });
});

test('explain says what the rows proved, until the record is changed', async () => {
  const { aws, completed, files, job, verify, now } = await verifiedDate();
  const deps = operationDeps(aws, now);
  await completed('lost.ndjson');
  await completed('well.ndjson');
  await files.record('pending.ndjson', { status: 'pending' });
  await job([['well.ndjson', 2]]);
  const explain = (file_key: string) => ask(deps, { operation: 'explain_file', date_prefix: DATE, file_key });
  expect((await explain('well.ndjson')).rows).toBeNull();
  const { given, state, findings } = await verify();
  await keepProof(deps.projection, proofOf(given, state), findings, EXPIRES);
  expect((await explain('well.ndjson')).rows).toMatchObject({
    finding: null,
    says: 'Its rows are in the output, from one job.',
  });
  expect((await explain('lost.ndjson')).rows).toMatchObject({ finding: { type: 'lost' } });
  expect((await explain('pending.ndjson')).rows).toBeNull();
  await completed('lost.ndjson', { updated_at: new Date(now - 1_000).toISOString() });
  expect((await explain('lost.ndjson')).rows).toBeNull();
  await keepProof(deps.projection, { ...proofOf(given, state), unread: 1 }, findings, EXPIRES);
  expect((await explain('well.ndjson')).rows).toBeNull();
});
