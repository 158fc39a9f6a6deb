import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { beforeAll, expect, test } from 'vitest';
import { faultyS3, forbidden, slowDown } from '../../support/faulty-s3.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { OUTPUT_DATE, outputFolder, saidBy } from '../../support/output-folder.ts';
import { duckParquetFile, parquetFile, type Rows } from '../../support/parquet-files.ts';

const uri = (name: string) => `s3://input/pipeline/input/${OUTPUT_DATE}/${name}`;

const PARTS: readonly Rows[] = [
  [uri('a.ndjson'), 5_000],
  [uri('b (1).ndjson'), 1],
  [null, 3],
  [uri('c.ndjson'), 4_000],
  [uri('a.ndjson'), 2],
];
const SAID = {
  rows: 9_006,
  unnamed: 3,
  sources: [
    [uri('a.ndjson'), 5_002],
    [uri('b (1).ndjson'), 1],
    [uri('c.ndjson'), 4_000],
  ].sort(),
};

let aws: LocalAws;
let other: LocalAws;
beforeAll(async () => {
  [aws, other] = await Promise.all([localAws(), localAws()]);
});

async function readBack(file: Uint8Array) {
  const buffer = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer;
  const rows = await parquetReadObjects({ file: buffer, compressors, columns: ['_source_file'] });
  return rows.length;
}

const FILES: Record<string, () => Promise<Uint8Array> | Uint8Array> = {
  'hyparquet-writer, snappy': () => parquetFile(PARTS),
  'hyparquet-writer, many row groups': () => parquetFile(PARTS, { rowGroupSize: 700 }),
  'hyparquet-writer, uncompressed': () => parquetFile(PARTS, { codec: 'UNCOMPRESSED' }),
  'DuckDB, several row groups, snappy': () => duckParquetFile(PARTS, "CODEC 'snappy', ROW_GROUP_SIZE 2048"),
  'DuckDB, without dictionary': () => duckParquetFile(PARTS, "CODEC 'snappy', DICTIONARY_SIZE_LIMIT 1"),
  'DuckDB, gzip': () => duckParquetFile(PARTS, "CODEC 'gzip'"),
  'DuckDB, zstd': () => duckParquetFile(PARTS, "CODEC 'zstd'"),
  'DuckDB, lz4 and the encodings of version 2': () =>
    duckParquetFile(PARTS, "CODEC 'lz4_raw', PARQUET_VERSION V2, DICTIONARY_SIZE_LIMIT 1"),
  'DuckDB, rows of all files mixed': () => duckParquetFile(PARTS, "CODEC 'zstd'", 'ORDER BY md5(i || part)'),
};

test.each(Object.entries(FILES))('rows are counted by their source: %s', async (name, write) => {
  const folder = outputFolder(aws, `pipeline/output/merged-parquet-${OUTPUT_DATE}/`);
  const file = await write();
  expect(await readBack(file)).toBe(SAID.rows);
  await folder.put('part-0.parquet', file);
  const { readings } = await folder.read();
  expect(readings.map(saidBy), name).toEqual([SAID]);
});

test('an object without rows has none', async () => {
  const folder = outputFolder(other);
  await folder.put('part-none.parquet', parquetFile([]));
  const { readings } = await folder.read();
  await folder.remove('part-none.parquet');
  expect(readings.map(saidBy)).toEqual([{ rows: 0, unnamed: 0, sources: [] }]);
});

test('what cannot be read is reported, and the rest is read', async () => {
  const mine = await localAws();
  const folder = outputFolder(mine);
  const whole = parquetFile([[uri('a.ndjson'), 400]]);
  await folder.put('_SUCCESS', '');
  await folder.put('_temporary/0/part-1.parquet', whole.subarray(0, 300));
  await folder.put('a-whole.parquet', whole);
  await folder.put('b-cut.parquet', whole.subarray(0, 300));
  await folder.put('c-encrypted.parquet', Buffer.concat([whole.subarray(0, -4), Buffer.from('PARE')]));
  await folder.put('d-empty.parquet', '');
  await folder.put('e-notes.txt', 'no Parquet');
  await folder.put('f-damaged.parquet', damaged(whole));
  await folder.put('g-short.parquet', 'PAR1');
  await folder.put(
    'h-other.parquet',
    await duckParquetFile([['x', 1]], "CODEC 'snappy'").then(renamedColumn),
  );
  await folder.put('z-whole.parquet', whole);
  const { readings, passedOver, pages } = await folder.read({ objectsPerPage: 2 });
  expect(
    Object.fromEntries(readings.map(({ object, state }) => [object.key.split('/').at(-1), state])),
  ).toEqual({
    'a-whole.parquet': 'read',
    'b-cut.parquet': 'corrupt',
    'c-encrypted.parquet': 'encrypted',
    'e-notes.txt': 'foreign',
    'f-damaged.parquet': 'corrupt',
    'g-short.parquet': 'corrupt',
    'h-other.parquet': 'no_column',
    'z-whole.parquet': 'read',
  });
  expect(passedOver).toEqual({ marker: 1, temporary: 1, empty: 1 });
  expect(pages).toBeGreaterThan(5);
});

/** Its footer is whole, and nothing else is. */
function damaged(file: Uint8Array): Uint8Array {
  const copy = Buffer.from(file);
  return copy.fill(255, 4, copy.length - 8 - copy.readUInt32LE(copy.length - 8));
}

function renamedColumn(file: Uint8Array): Uint8Array {
  return Uint8Array.from(
    Buffer.from(Buffer.from(file).toString('latin1').replaceAll('_source_file', '_source_path'), 'latin1'),
  );
}

test('an object that is removed, written again or refused while it is read is reported', async () => {
  const mine = await localAws();
  const folder = outputFolder(mine);
  const Bucket = mine.buckets.output;
  const whole = parquetFile([[uri('a.ndjson'), 400]]);
  for (const name of ['changed', 'denied', 'gone', 'slow', 'well'])
    await folder.put(`${name}.parquet`, whole);
  let isDone = false;
  const s3 = await faultyS3(mine, (command, key) => {
    if (command !== 'GetObjectCommand') return undefined;
    if (key.endsWith('denied.parquet')) return forbidden();
    return key.endsWith('slow.parquet') ? slowDown() : undefined;
  });
  s3.middlewareStack.add(
    (next) => async (args) => {
      const { Range } = args.input as { Range?: string };
      if (Range && !isDone) {
        isDone = true;
        const Key = (name: string) => `merged-parquet-${OUTPUT_DATE}/${name}.parquet`;
        await mine.s3.send(new DeleteObjectCommand({ Bucket, Key: Key('gone') }));
        await mine.s3.send(new PutObjectCommand({ Bucket, Key: Key('changed'), Body: 'something else' }));
        await folder.put('changed.parquet', parquetFile([[uri('b.ndjson'), 400]]));
      }
      return next(args);
    },
    { step: 'initialize' },
  );
  const { readings } = await folder.read({}, s3);
  expect(readings.map(({ state }) => state)).toEqual([
    'changed',
    'unavailable',
    'gone',
    'unavailable',
    'read',
  ]);
});

test('of a large object only a small part is read', async () => {
  const mine = await localAws();
  const folder = outputFolder(mine);
  const parts: Rows[] = Array.from({ length: 40 }, (_, i) => [uri(`${i}.ndjson`), 2_500]);
  const file = await duckParquetFile(parts, "CODEC 'snappy', ROW_GROUP_SIZE 20000");
  await folder.put('part-0.parquet', file);
  const { readings, meter } = await folder.read();
  expect(readings.map(saidBy)).toMatchObject([{ rows: 100_000 }]);
  expect(file.length).toBeGreaterThan(3_000_000);
  expect(meter.bytes).toBeLessThan(file.length / 100);
});

test('an object that is known from before is not read again', async () => {
  const mine = await localAws();
  const folder = outputFolder(mine);
  await folder.put('part-0.parquet', parquetFile([[uri('a.ndjson'), 4]]));
  const first = await folder.read();
  const again = await folder.read({
    known: ({ etag }) => first.readings.find(({ object }) => object.etag === etag),
  });
  expect(again.readings).toEqual(first.readings);
  expect(again.meter).toEqual({ requests: 0, bytes: 0 });
});
