import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { ask, operationDeps } from '../../support/operations.ts';
import { verifiedDate } from '../../support/verified-date.ts';

const DATE = '2026-11-23';
const request = { operation: 'verify_data', date_prefix: DATE };

async function scene() {
  const given = await verifiedDate();
  const { completed, files, input, job } = given;
  const manifest_path = await files.manifest('batch-1.json', ['a.ndjson', 'b.ndjson'], {
    status: 'completed',
  });
  await input('a.ndjson', 3);
  await completed('a.ndjson', { manifest_path });
  await completed('b.ndjson', { manifest_path });
  await completed('lost.ndjson');
  await job([
    ['a.ndjson', 3],
    ['b.ndjson', 4],
  ]);
  const again = await job([['b.ndjson', 4]]);
  return { ...given, again, deps: operationDeps(given.aws, given.now) };
}

test('a date is told with its findings, where its surplus is, and what it took', async () => {
  const { deps, again, aws } = await scene();
  const answer = await ask(deps, request);
  expect(answer).toMatchObject({
    complete: true,
    objects: 2,
    rows: 11,
    files: { present: 1, lost: 1, twice: 1, partly: 0, unexpected: 0 },
    findings: [
      { type: 'twice', file_key: 'b.ndjson', rows: 8 },
      { type: 'lost', file_key: 'lost.ndjson', rows: 0 },
    ],
    read: { requests: 2 },
  });
  const uri = `s3://${aws.buckets.output}/merged-parquet-${DATE}/${again}`;
  const aside = `s3://${aws.buckets.output}/_surplus/merged-parquet-${DATE}/${again}`;
  expect(answer.surplus).toEqual([
    { uri, rows: 4, surplus: 4, isWhole: true, commands: [`aws s3 mv ${uri} ${aside}`] },
  ]);
});

test('one file is told with its lines, whatever the spelling of its name', async () => {
  const { deps, uri } = await scene();
  const answer = await ask(deps, { ...request, file_key: uri('a.ndjson') });
  expect(answer.findings).toMatchObject([
    { type: 'whole', file_key: 'a.ndjson', rows: 3, lines: 3, message: '3 lines in, 3 rows out.' },
  ]);
  const none = await ask(deps, { ...request, file_key: 'nobody.ndjson' });
  expect(none.error.code).toBe('FILE_NOT_FOUND');
});

test('the files of one manifest are told, and no others', async () => {
  const { deps } = await scene();
  const answer = await ask(deps, { ...request, manifest: 'batch-1.json' });
  expect(answer.findings).toMatchObject([
    { type: 'present', file_key: 'a.ndjson' },
    { type: 'twice', file_key: 'b.ndjson' },
  ]);
  expect(answer.manifests).toMatchObject([{ result: 'unknown', files: 2 }]);
});

test('an answer that is not complete in time continues with its token, and reads nothing twice', async () => {
  const { deps } = await scene();
  const whole = await ask(deps, request);
  const signal = AbortSignal.abort();
  const first = await ask({ ...deps, signal }, request);
  expect(first).toMatchObject({ complete: false, findings: [] });
  const answers = [first];
  for (let answer = first; answer.next_token; answers.push(answer)) {
    // Time that is always up: one step each.
    answer = await ask(
      { ...deps, signal: answers.length > 6 ? deps.signal : signal },
      { ...request, next_token: answer.next_token },
    );
  }
  const requests = answers.reduce((sum, answer) => sum + (answer.read as { requests: number }).requests, 0);
  expect(requests).toBe(2);
  const last = answers.at(-1);
  expect(last).toMatchObject({ complete: true, files: whole.files, findings: whole.findings });
  const other = await ask(deps, { ...request, lines: true, next_token: first.next_token });
  expect(other.error.code).toBe('INVALID_NEXT_TOKEN');
});

test('a token that names a thousand files is taken back', async () => {
  const { deps, job } = await scene();
  await job(Array.from({ length: 1_000 }, () => [`${randomUUID()}.ndjson`, 1] as const));
  const isOver = { ...deps, signal: AbortSignal.abort() };
  const first = await ask(isOver, request);
  expect(first.next_token?.length).toBeGreaterThan(20_000);
  const answer = await ask(isOver, { ...request, next_token: first.next_token });
  expect(answer).toMatchObject({ complete: false, objects: 3, read: { requests: 0 } });
});

test('findings that are too large for one answer are told in several, each once', async () => {
  const { deps, job } = await scene();
  const names = Array.from({ length: 700 }, (_, i) => `${i}-${'x'.repeat(900)}.ndjson`);
  for (let jobs = 0; jobs < 6; jobs++) await job(names.map((name) => [name, 1] as const));
  const told: unknown[] = [];
  let answer = await ask(deps, request);
  for (let answers = 0; answers < 20; answers++) {
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(6_291_556);
    told.push(...(answer.findings as { file_key: string }[]).map(({ file_key }) => file_key));
    if (answer.complete) break;
    answer = await ask(deps, { ...request, next_token: answer.next_token });
  }
  expect(answer).toMatchObject({ complete: true, files: { unexpected: 700, lost: 1, twice: 1 } });
  expect(told.toSorted()).toEqual([...names, 'b.ndjson', 'lost.ndjson'].toSorted());
});
