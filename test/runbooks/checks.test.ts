import { PutObjectCommand } from '@aws-sdk/client-s3';
import { PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { keepProof, proofOf } from '../../shared/data-proof/kept-proof.ts';
import { isoTime } from '../../shared/text/time.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { scanProjection } from '../support/projection.ts';
import { runRunbook } from '../support/runbook.ts';
import { seedRunbookData } from '../support/runbook-data.ts';
import { uploaded } from '../support/stream-records.ts';
import { verifiedDate } from '../support/verified-date.ts';

const DATE = '2026-11-23';
let aws: LocalAws;
const run = (name: string, ...args: string[]) => runRunbook(name, args, aws.environment);

beforeEach(async () => {
  aws = await localAws();
  await seedRunbookData(aws);
  const Item = {
    ...uploaded(),
    date_prefix: DATE,
    file_key: '2026-11-23-orphan.ndjson',
    status: 'manifested#3',
    updated_at: '2026-11-22T05:30:00Z',
    file_path: `s3://${aws.buckets.input}/pipeline/input/2026-11-23/2026-11-23-orphan.ndjson`,
    manifest_path: `s3://${aws.buckets.manifest}/manifests/gone.json`,
  };
  await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
  for (const name of ['2026-11-23-orphan.ndjson', '2026-11-23-unrecorded.ndjson']) {
    const Key = `pipeline/input/2026-11-23/${name}`;
    await aws.s3.send(new PutObjectCommand({ Bucket: aws.buckets.input, Key, Body: '{}' }));
  }
});

async function records() {
  const { Items = [] } = await aws.documents.send(new ScanCommand({ TableName: aws.trackingTable }));
  return Items;
}

test('find-orphans lists what is stuck with its kind, and where the evidence is', async () => {
  const { code, stdout, stderr } = await run('find-orphans', '--hours', '1', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        file_key: '2026-11-23-orphan.ndjson',
        recommended_change: expect.any(String),
      }),
    ]),
  );
  expect(stderr).toContain('npx tsx runbooks/explain.ts FILE');
  const narrow = await run('find-orphans', '--hours', '1', '--grace', '0', '--json');
  expect(narrow.stderr).toMatch(/runbooks\/explain\.ts FILE.* --hours 1 --grace 0/);
});

test('a command in what is said about an orphan leads to the same target', async () => {
  const { aws, files, job, verify } = await verifiedDate();
  const hoursAgo = (hours: number) => Date.now() - hours * 3_600_000;
  await files.record('stuck.ndjson', {
    ...{ status: 'processing#3', manifest_path: `s3://${aws.buckets.manifest}/manifests/gone.json` },
    ...{ created_at: isoTime(hoursAgo(61)), processing_start_time: isoTime(hoursAgo(60)) },
  });
  await job([['stuck.ndjson', 2]]);
  const { given, state, findings } = await verify();
  const projection = { docs: aws.documents, name: aws.projectionTable };
  const proof = { ...proofOf(given, state), at: hoursAgo(49), until: hoursAgo(50) };
  await keepProof(projection, proof, findings, 2_000_000_000);
  const args = ['--date', DATE, '--grace', '0', '--env', 'local', '--output', 'ndjson'];
  const { stdout } = await runRunbook('find-orphans', args, aws.environment);
  expect(JSON.parse(stdout)).toMatchObject({
    file_key: 'stuck.ndjson',
    summary: expect.stringMatching(
      new RegExp(
        `npx tsx runbooks/verify-data.ts stuck.ndjson --date ${DATE} --env local\` counts its lines`,
      ),
    ),
  });
});

test('explain sums up one file in a sentence, with evidence and the exact next command, which works', async () => {
  const before = await records();
  const { code, stdout, stderr } = await run('explain', '2026-11-23-orphan.ndjson');
  expect(code).toBe(0);
  expect(stdout).toMatch(/verdict {2}\S.*\.\n/);
  expect(stdout).toMatch(/^- manifest: /m);
  const [, args = ''] = /npx tsx runbooks\/update-state\.ts (.*)/.exec(stderr) ?? [];
  const next = await run('update-state', ...args.split(' '));
  expect(next).toMatchObject({ code: 0, stderr: expect.stringContaining('A plan for 1 file') });
  expect(await records()).toEqual(before);
});

test('check-consistency lists what S3 and the table disagree about, and counts both', async () => {
  const { code, stdout, stderr } = await run('check-consistency', DATE, '--grace', '0', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ type: 'missing_in_db', file_key: '2026-11-23-unrecorded.ndjson' }),
    ]),
  );
  expect(stderr).toMatch(/records, 2 objects/);
});

test('refused files are listed with the reason and the location of their copy; so is what S3 never tells the pipeline', async () => {
  const Key = 'pipeline/input/2026-11-23/2026-11-23-refused (1).ndjson';
  const Metadata = { quarantine_reason: 'Size 0.00MB outside expected range' };
  await aws.s3.send(new PutObjectCommand({ Bucket: aws.buckets.quarantine, Key, Body: '{', Metadata }));
  const notes = { Bucket: aws.buckets.input, Key: '2026-11-23/at-the-root.ndjson', Body: '{}' };
  await aws.s3.send(new PutObjectCommand(notes));
  const { stdout, stderr } = await run('check-consistency', DATE, '--grace', '0', '--json');
  const found = JSON.parse(stdout).find(
    ({ type }: { type: string }) => type === 'quarantined_without_record',
  );
  expect(found).toMatchObject({ quarantine_reason: Metadata.quarantine_reason });
  expect(stderr).toContain('1 refused files, which have no record: nothing to do.');
  expect(stderr).toContain(`  s3://${aws.buckets.input}/2026-11-23/at-the-root.ndjson`);

  const explained = await run('explain', '2026-11-23-refused (1).ndjson');
  expect(explained).toMatchObject({ code: 0 });
  expect(explained.stdout).toContain(
    'It was refused: Size 0.00MB outside expected range. The copy is at s3://',
  );
});

test('repair lists drift first, and then makes only the projection agree', async () => {
  const before = await records();
  const found = await run('repair', '--wait', '0', '--json');
  const drifted = JSON.parse(found.stdout).map(({ file_key }: { file_key: string }) => file_key);
  expect(drifted.sort()).toEqual(['2026-11-23-lost.ndjson', '2026-11-23-orphan.ndjson']);
  expect((await scanProjection(aws)).head('2026-11-23-lost.ndjson')).toBeUndefined();

  const repaired = await run('repair', '--wait', '0', '--json', '--apply', '--yes', '--reason', 'lost');
  expect(repaired.code).toBe(0);
  const { head, countHeads, counters } = await scanProjection(aws);
  expect(head('2026-11-23-lost.ndjson')).toMatchObject({ status: 'pending' });
  expect(counters('STATS#ALL').file.manifested).toBe(countHeads().file_manifested);
  expect(JSON.parse((await run('repair', '--wait', '0', '--json')).stdout)).toEqual([]);
  expect(await records()).toEqual(before);
});

test('a search that finds nothing says which limits it used', async () => {
  const { code, stdout, stderr } = await run('find-orphans', '--hours', '4', '--date', '2026-11-01');
  expect({ code, stdout }).toMatchObject({ code: 0 });
  expect(stderr).toContain(
    'Searched for what has been pending for more than 1d, manifested for 6h or processing for 4h, and for completed files older than 15m.',
  );
  const reset = await run('reset-stuck', '--hours', '4', '--date', '2026-11-01');
  expect(reset.stderr).toContain(
    'Searched for what has been processing for more than 4h or manifested for more than 4h.',
  );
});
