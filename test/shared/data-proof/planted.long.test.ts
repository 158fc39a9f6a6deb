/** @module-tag long */
import { randomUUID } from 'node:crypto';
import pMap from 'p-map';
import { expect, test } from 'vitest';
import { duckParquetFile, type Rows } from '../../support/parquet-files.ts';
import { verifiedDate } from '../../support/verified-date.ts';

const FILES = 1_000;
const LINES = 1_000;
const FILES_PER_JOB = 20;
// Of a date with a million rows: one file, one row, and one file once more.
const LOST = 'f333.ndjson';
const SHORT = 'f444.ndjson';
const DOUBLED = 'f555.ndjson';

test('of a million rows and a thousand files, a lost file, a lost row and a doubled file are found, and nothing else', async () => {
  const { completed, folder, uri, verify } = await verifiedDate();
  const names = Array.from({ length: FILES }, (_, i) => `f${i}.ndjson`);
  await pMap(names, (name) => completed(name), { concurrency: 16 });
  const job = async (batch: readonly (readonly [name: string, rows: number])[], order = '') => {
    const rows: Rows[] = batch.map(([name, count]) => [uri(name), count]);
    const file = await duckParquetFile(rows, "CODEC 'snappy', ROW_GROUP_SIZE 4096", order);
    await folder.put(`part-00000-${randomUUID()}-c000.snappy.parquet`, file);
  };
  for (let from = 0; from < FILES; from += FILES_PER_JOB) {
    const batch = names.slice(from, from + FILES_PER_JOB).filter((name) => name !== LOST);
    // A job may mix the rows of its files, too.
    const order = from % 40 === 0 ? 'ORDER BY text' : '';
    await job(
      batch.map((name) => [name, name === SHORT ? LINES - 1 : LINES] as const),
      order,
    );
  }
  await job([[DOUBLED, LINES]]);
  const lines = names.map((name) => [name, LINES] as const);
  const { said, totals, rows, given } = await verify({ lines });
  expect(said).toEqual([`lost ${LOST}`, `partly ${SHORT}`, `twice ${DOUBLED}`]);
  expect(rows?.rows).toBe(FILES * LINES - 1);
  expect(totals.files).toMatchObject({ whole: FILES - 3, present: 0, unknown: 0, unexpected: 0 });
  expect(given.meter.bytes).toBeLessThan(4_000_000);
  // Without any line counted, all but the row is found.
  expect((await verify()).said).toEqual([`lost ${LOST}`, `twice ${DOUBLED}`]);
});
