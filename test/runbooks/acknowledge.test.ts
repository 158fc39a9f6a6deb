import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { consumeBatch } from '../../shared/projection/consume.ts';
import { shellWord } from '../../shared/text/shell-text.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { ask, operationDeps } from '../support/operations.ts';
import { applyDeps } from '../support/projection.ts';
import { type Ended, runRunbook } from '../support/runbook.ts';
import { whileServed } from '../support/served-page.ts';
import { streamedTable, uploaded } from '../support/stream-records.ts';

const DATE = '2020-11-23';
const CLASS = 'java-heap-space-1-0a1b2c';
const MANIFEST = 'MANIFEST#batch-1.json';
const APPLY = ['--until', 'today', '--apply', '--yes', '--reason', 'the producer is told'];
let aws: LocalAws;

beforeAll(async () => {
  aws = await localAws();
  const old = '2020-11-23T01:00:00Z';
  for (const file_key of ['whole.ndjson', 'finding.ndjson', 'other.ndjson'])
    await put({ file_key, status: 'pending#1', created_at: old });
  await put({ file_key: MANIFEST, status: 'processing', processing_start_time: old, created_at: old });
  await run('rebuild', '--apply', '--yes', '--reason', 'test');
  // The page shows counts once the stream has been read.
  const streamed = streamedTable().write('streamed.ndjson', uploaded());
  await consumeBatch([streamed], applyDeps(aws), { s3: aws.s3, bucket: aws.buckets.deadLetter });
});

const put = (record: object) =>
  aws.documents.send(
    new PutCommand({ TableName: aws.trackingTable, Item: { date_prefix: DATE, ...record } }),
  );
const run = (name: string, ...args: string[]) => runRunbook(name, args, aws.environment);

async function orphans(...args: string[]): Promise<Record<string, string | undefined>> {
  const rows = JSON.parse((await run('find-orphans', '--json', ...args)).stdout) as readonly {
    readonly file_key: string;
    readonly acknowledged?: { readonly reason: string };
  }[];
  return Object.fromEntries(rows.map(({ file_key, acknowledged }) => [file_key, acknowledged?.reason]));
}

test('a file, a finding on a file or a manifest, and a class are acknowledged by the runbook, and shown by operation and page', async () => {
  expect(Object.keys(await orphans()).sort()).toEqual([
    MANIFEST,
    'finding.ndjson',
    'other.ndjson',
    'whole.ndjson',
  ]);
  for (const about of [
    ['whole.ndjson', '--date', DATE],
    ['finding.ndjson', '--date', DATE, '--kind', 'stuck_in_pending'],
    // Not the finding that it has.
    ['other.ndjson', '--date', DATE, '--kind', 'missing_outputs'],
    [MANIFEST, '--date', DATE, '--kind', 'stuck_manifests'],
    ['--class', CLASS],
  ]) {
    const said = await run('acknowledge', ...about, ...APPLY);
    expect([said.code, said.stderr]).toEqual([0, expect.stringContaining('Acknowledged by change ')]);
    expect(said.stderr).toContain(`acknowledge.ts ${about.map(shellWord).join(' ')} --lift`);
  }
  expect(Object.keys(await orphans())).toEqual(['other.ndjson']);
  const reason = 'the producer is told';
  expect(await orphans('--include-acknowledged')).toEqual({
    'whole.ndjson': reason,
    'finding.ndjson': reason,
    'other.ndjson': undefined,
    [MANIFEST]: reason,
  });
  const { acknowledgements } = await ask(operationDeps(aws, Date.now()), {
    operation: 'list_acknowledgements',
  });
  expect(acknowledgements).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ class: CLASS }),
      expect.objectContaining({ file_key: 'whole.ndjson', holds: true }),
      expect.objectContaining({ file_key: 'finding.ndjson', kind: 'stuck_in_pending', holds: true }),
      expect.objectContaining({ file_key: MANIFEST, kind: 'stuck_manifests', holds: true }),
    ]),
  );
  await whileServed([], aws.environment, async (url) => {
    const page = await (await fetch(url)).text();
    for (const shown of ['whole.ndjson', 'finding.ndjson', '(stuck in pending)', '(stuck manifests)', CLASS])
      expect(page.includes(shown), shown).toBe(true);
  });
  await run('acknowledge', MANIFEST, '--date', DATE, ...APPLY);
  const both = await run('acknowledge', MANIFEST, '--date', DATE, '--lift');
  const named = `acknowledge.ts '${MANIFEST}' --date ${DATE}`;
  const ending = '--lift --apply --reason WHY';
  expect(both.stderr).toContain(`${named} ${ending}`);
  expect(both.stderr).toContain(`${named} --kind stuck_manifests ${ending}`);
  const kind = ['--kind', 'stuck_manifests'];
  const lifted = await run('acknowledge', MANIFEST, '--date', DATE, ...kind, '--lift');
  const name = `'${MANIFEST}' --date ${DATE}`;
  await doPrinted(lifted, 'end it', `${name} --kind stuck_manifests --lift --apply --reason WHY`);
  const whole = await run('acknowledge', MANIFEST, '--date', DATE, '--lift');
  await doPrinted(whole, 'end it', `${name} --lift --apply --reason WHY`);
});

test('by a part of a name, what would be done is shown, with a command that does it', async () => {
  await put({ file_key: 'by-part.ndjson', status: 'failed#1' });
  const shown = await run('acknowledge', 'by-par', '--date', DATE, '--until', 'today');
  await doPrinted(
    shown,
    'acknowledge it',
    `by-part.ndjson --date ${DATE} --until today --apply --reason WHY`,
  );
  const noted = await run('note', '--text', 'by-par', '--date', DATE, 'by-par');
  await doPrinted(noted, 'write it', `by-part.ndjson --date ${DATE} --text by-par --apply --reason WHY`);
  const ended = await run('acknowledge', '--lift', 'by-par', '--date', DATE);
  await doPrinted(ended, 'end it', `by-part.ndjson --date ${DATE} --lift --apply --reason WHY`);

  const none = await run('acknowledge', 'by-par', '--date', DATE, '--lift');
  expect(none.stderr).toContain('Nothing was written.\n');
  expect(none.stderr).not.toContain('To end');
  const several = await run('acknowledge', '.ndjson', '--date', DATE, '--lift');
  expect(several.stderr).toContain('Nothing was written. To end one of them, give its whole name.');
});

async function doPrinted({ stderr }: Ended, what: string, words: string): Promise<void> {
  const [, name = '', next = ''] = new RegExp(`To ${what}: .*runbooks/([a-z]+)\\.ts (.*)`).exec(stderr) ?? [];
  expect(next).toBe(words);
  const done = await run(name, ...next.replaceAll("'", '').split(' '), '--yes');
  expect([done.code, done.stderr]).toEqual([0, expect.stringContaining('by change ')]);
}
