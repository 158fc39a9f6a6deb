import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { runRunbook } from '../support/runbook.ts';
import { MANIFEST, SPACED, seedRunbookData } from '../support/runbook-data.ts';

let aws: LocalAws;

beforeAll(async () => {
  aws = await localAws();
  await seedRunbookData(aws);
});

test("file finds a file by its object's address, and says that both tables agree", async () => {
  const address = 's3://input/pipeline/input/2026-11-23/2026-11-23 with space.ndjson';
  const { code, stdout, stderr } = await runRunbook('file', [address, '--json'], aws.environment);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    file_key: SPACED,
    drift: null,
    record: { status: 'manifested' },
    head: { status: 'manifested', inline_events: 2 },
  });
  expect(stderr).toContain(`npx tsx runbooks/timeline.ts ${SPACED} --date 2026-11-23`);
});

test('file names the drift of a file that the stream lost', async () => {
  const { stdout } = await runRunbook('file', ['2026-11-23-lost.ndjson'], aws.environment);
  expect(stdout).toMatch(/^head +none$/m);
  expect(stdout).toMatch(/^drift +missing head/m);
});

test('file names the class of a failed file, and the command that shows the others; of no other file', async () => {
  const Item = {
    date_prefix: '2026-11-23',
    file_key: 'failed.ndjson',
    status: 'failed#1',
    error_message: 'Rate exceeded for job jr_0123456789abcdef',
  };
  await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
  const args = ['failed.ndjson', '--date', '2026-11-23'];
  const { stdout, stderr } = await runRunbook('file', args, aws.environment);
  const [, id] = /^class +([\w-]+): Rate exceeded/m.exec(stdout) ?? [];
  expect(id).toMatch(/^rate-exceeded/);
  expect(stderr).toContain(`npx tsx runbooks/failures.ts --class ${id}`);
  const lost = await runRunbook('file', ['2026-11-23-lost.ndjson', '--json'], aws.environment);
  expect(JSON.parse(lost.stdout)).toMatchObject({ class: null });
});

test('timeline draws the time between events', async () => {
  const { stdout } = await runRunbook('timeline', ['2026-11-22-a.ndjson'], aws.environment);
  expect(stdout).toMatch(/^uploaded +2026-11-23 05:22:53Z$/m);
  expect(stdout).toMatch(/^completed +2026-11-23 05:32:53Z +9m 59s +█+$/m);
});

test('timeline also shows a manifest, and JSON is the answer of the operation', async () => {
  const args = [MANIFEST, '--date', '2026-11-23', '--json'];
  const { stdout } = await runRunbook('timeline', args, aws.environment);
  expect(JSON.parse(stdout)).toMatchObject({
    file: `2026-11-23/${MANIFEST}`,
    current_status: 'completed',
    source: 'stream',
  });
});

test('for a file in neither table it exits with 1 and a hint, with nothing on stdout', async () => {
  const { code, stdout, stderr } = await runRunbook('file', ['2026-11-23-none.ndjson'], aws.environment);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('No record of 2026-11-23-none.ndjson on 2026-11-23.');
});

test('a file whose name begins with - is found by every command that is printed for it', async () => {
  const Item = {
    date_prefix: '2026-11-23',
    file_key: '-x.ndjson',
    status: 'failed#1',
    updated_at: '2026-11-23T05:22:53Z',
  };
  await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
  const shown = await runRunbook(
    'file',
    ['--date', '2026-11-23', '--json', '--', '-x.ndjson'],
    aws.environment,
  );
  const printed = /runbooks\/timeline\.ts (.*)$/m.exec(shown.stderr)?.[1]?.split(' ') ?? [];
  expect(printed).toEqual(['2026-11-23/-x.ndjson', '--date', '2026-11-23']);
  const found = await runRunbook('file', [...printed, '--json'], aws.environment);
  expect(JSON.parse(found.stdout)).toMatchObject({ file_key: '-x.ndjson' });
  const change = ['--new-status', 'quarantined', '--date', '2026-11-23', '--', '-x.ndjson'];
  const planned = await runRunbook('update-state', change, aws.environment);
  expect(planned.stderr).toContain('--apply --reason WHY -- -x.ndjson');
});

test('a part of a name is enough if only one file or manifest has it, even without the date', async () => {
  const lost = await runRunbook('file', ['2026-11-23-los', '--json'], aws.environment);
  expect(lost.code).toBe(0);
  expect(JSON.parse(lost.stdout)).toMatchObject({ file_key: '2026-11-23-lost.ndjson' });
  expect(lost.stderr).toContain('Found: 2026-11-23-lost.ndjson of 2026-11-23.');
  const spaced = await runRunbook('timeline', ['With Space', '--json'], aws.environment);
  expect(JSON.parse(spaced.stdout)).toMatchObject({ file: `2026-11-23/${SPACED}` });
  const manifest = await runRunbook(
    'timeline',
    [MANIFEST.replace('MANIFEST#', ''), '--json'],
    aws.environment,
  );
  expect(JSON.parse(manifest.stdout)).toMatchObject({ file: `2026-11-23/${MANIFEST}` });
});

test('a part that several names have is refused with all of them, each ready to be pasted', async () => {
  const { code, stdout, stderr } = await runRunbook('explain', ['2026-11-23-'], aws.environment);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/"2026-11-23-" is a part of \d+ names; allowed: a part of only one\./);
  expect(stderr).toContain('\n  2026-11-23-lost.ndjson');
});

test('where one of several names would be changed, only a whole name is asked for', async () => {
  const given = ['2026-11-23-', '--until', 'today', '--apply', '--yes', '--reason', 'known'];
  const { code, stdout, stderr } = await runRunbook('acknowledge', given, aws.environment);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('allowed: a whole name, because --apply writes.');
  expect(stderr).toMatch(/Give one of these:\n {2}2026-11-23-\S+ --date 2026-11-23\n/);
});

test('a name that is as long as a key may be is not found, and is no fault', async () => {
  const name = 'n'.repeat(1_024);
  const { code, stderr } = await runRunbook('file', [name, '--date', '2026-11-23'], aws.environment);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(`No record of ${name}`) });
});
