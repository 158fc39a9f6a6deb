import { beforeEach, expect, test } from 'vitest';
import { withSubFolders } from '../../../shared/consistency/sub-folders.ts';
import { eventSpelling } from '../../../shared/pipeline/names.ts';
import { AUDITED_DATE, auditedDate, timesAround } from '../../support/audited-date.ts';
import { faultyS3 } from '../../support/faulty-s3.ts';
import type { LocalAws } from '../../support/local-aws.ts';

const FOLDER = `pipeline/input/${AUDITED_DATE}/`;
const SENDERS = ['sender-a/', 'sender-b/', 'hour=05/sender c (1)/'];
const OF_SENDER = 8;
// Fewer than the files of a sender.
const WAITING = 3;
const times = timesAround();
let aws: LocalAws;
let files: Awaited<ReturnType<typeof auditedDate>>['files'];
let put: Awaited<ReturnType<typeof auditedDate>>['put'];
let audit: Awaited<ReturnType<typeof auditedDate>>['audit'];

beforeEach(async () => {
  ({ aws, files, put, audit } = await auditedDate(times));
  for (const [i, folder] of SENDERS.entries())
    for (let n = 0; n < OF_SENDER; n++) await file(folder, `${n}-${i}.ndjson`);
});

async function file(folder: string, name: string): Promise<void> {
  await put(aws.buckets.input, FOLDER + folder + name);
  const file_path = `s3://${aws.buckets.input}/${FOLDER}${folder}${eventSpelling(name)}`;
  await files.record(name, { status: 'pending#3', file_path, updated_at: times.AFTER });
}

test('files in folders of their senders meet their records, none is looked up alone', async () => {
  const { s3, heads } = await listingS3();
  const { named, totals } = await audit({ s3, waiting: WAITING });
  expect(named).toEqual([]);
  const all = SENDERS.length * OF_SENDER + 1;
  expect(totals).toMatchObject({ objects: all, records: all, unknown: 0, young: 0 });
  expect(heads()).toBe(0);
});

test('lost ones among them are found, on either side', async () => {
  await put(aws.buckets.input, `${FOLDER}sender-b/5-unknown.ndjson`);
  await put(aws.buckets.quarantine, `${FOLDER}hour=05/sender c (1)/6-refused.ndjson`);
  const file_path = `s3://${aws.buckets.input}/${FOLDER}sender-a/7-gone.ndjson`;
  await files.record('7-gone.ndjson', { status: 'pending', file_path });
  const { named } = await audit({ waiting: WAITING });
  expect([...named].sort()).toEqual([
    'missing_in_db 5-unknown.ndjson',
    'missing_in_s3 7-gone.ndjson pending',
    'quarantined_without_record 6-refused.ndjson',
  ]);
});

test.each([
  ['one answer does not show all that is in a folder', 7, 0],
  ['there are too many folders', 1_000, 70],
])('the same is found where %s', async (_, mostKeys, furtherFolders) => {
  for (let n = 0; n < furtherFolders; n++) await put(aws.buckets.input, `${FOLDER}further-${n}/`);
  await put(aws.buckets.input, `${FOLDER}sender-b/5-unknown.ndjson`);
  const { s3 } = await listingS3(mostKeys);
  const { named, totals } = await audit({ s3, waiting: WAITING });
  expect(named).toEqual(['missing_in_db 5-unknown.ndjson']);
  const all = SENDERS.length * OF_SENDER + 1;
  expect(totals).toMatchObject({ objects: all + 1, records: all });
});

test.each([
  ['a folder that comes between two pages leaves', 1],
  ['folders that come between two pages, too many of them, leave', 70],
])('%s the rest in its order, and the audit is not complete', async (_, further) => {
  const lost = [
    'sender-a/0-unknown.ndjson',
    'sender-b/7-unknown.ndjson',
    'hour=05/sender c (1)/1-unknown.ndjson',
  ];
  for (const name of lost) await put(aws.buckets.input, FOLDER + name);
  const between = async () => {
    for (let n = 0; n < further; n++) await put(aws.buckets.input, `${FOLDER}further-${n}/`);
  };
  const { named, totals } = await audit({ between, sizes: [2] });
  expect(named).toEqual([
    'missing_in_db 0-unknown.ndjson',
    'missing_in_db 1-unknown.ndjson',
    'missing_in_db 7-unknown.ndjson',
  ]);
  const objects = SENDERS.length * OF_SENDER + 1 + lost.length;
  expect(totals).toMatchObject({ objects, unknown: 1 });
});

test('folders that have come are counted once, at the end of the date and not of each of its ranges', async () => {
  const of = (until: string | undefined) => {
    const folders = { inputs: [`${AUDITED_DATE}/sender-a/`], refused: [] };
    return audit({ sizes: [1_000], until, folders });
  };
  // sender-b/, hour=05/ and the one below it.
  expect((await of(undefined)).totals).toMatchObject({ unknown: 3 });
  expect((await of('5')).totals).toMatchObject({ unknown: 0 });
});

test('only folders below those of the date are listed, whatever a token names', () => {
  const tops = [{ folder: 'in/2026-11-23/', prefix: '', isFlat: false }];
  const names = ['2026-11-23/a/', '2026-11-23/', '2026-11-22/b/', ''];
  expect(withSubFolders(tops, 'in/', names)).toEqual([
    { folder: 'in/2026-11-23/', prefix: '', isFlat: true },
    { folder: 'in/2026-11-23/a/', prefix: '', isFlat: false },
  ]);
});

/** An S3 client that lists so many keys at a time, and counts what is looked up alone. */
async function listingS3(MaxKeys = 1_000) {
  let heads = 0;
  const s3 = await faultyS3(aws, (command) => {
    heads += Number(command === 'HeadObjectCommand');
    return undefined;
  });
  s3.middlewareStack.add(
    (next, { commandName }) =>
      (args) =>
        next(commandName === 'ListObjectsV2Command' ? { ...args, input: { ...args.input, MaxKeys } } : args),
    { step: 'initialize' },
  );
  return { s3, heads: () => heads };
}
