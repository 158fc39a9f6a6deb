import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { answerPage } from '../../../shared/dashboard/page-source.ts';
import { runRunbook } from '../../support/runbook.ts';
import { DATE, PLACE, type WidgetBench, widgetBench } from './widget-bench.ts';

let bench: WidgetBench;

const put = (Item: object) =>
  bench.aws.documents.send(new PutCommand({ TableName: bench.aws.trackingTable, Item }));

beforeAll(async () => {
  bench = await widgetBench();
  const created_at = '2026-11-23T05:00:00Z';
  await bench.putFile('a.ndjson');
  await bench.putFile('b.ndjson');
  for (const [file_key, attributes] of [
    [
      'MANIFEST#batch-1.json',
      { status: 'processing', file_count: 2, execution_arn: 'arn:aws:states:x:1:execution:m:run-1' },
    ],
    ['MANIFEST#batch-2.json', { status: 'failed', error_message: '=2+2', trigger_type: 'stream' }],
  ] as const)
    await put({ date_prefix: DATE, file_key, created_at, ...attributes });
  await put({ date_prefix: `LOCK#${DATE}`, file_key: 'LOCK', locked_by: 'builder-1', created_at });
  const args = [
    '--list=-',
    '--new-status',
    'pending',
    '--force',
    '--apply',
    '--yes',
    '--reason',
    'tried, "once"',
  ];
  const stdin = `date_prefix,file_key\n${DATE},a.ndjson\n`;
  const { code, stderr } = await runRunbook('batch-update', args, bench.aws.environment, { stdin });
  expect(stderr, String(code)).toContain('1 applied');
}, 60_000);

async function fileOf(view: string, form: 'csv' | 'ndjson') {
  const file = await answerPage({ view, links: 'addresses', download: form }, PLACE, bench.source);
  if (typeof file === 'string') throw new Error('It was drawn, and is no file.');
  return file;
}

/** What a runbook prints as CSV. */
async function printed(name: string): Promise<string> {
  const args = ['--output', 'csv', ...(name === 'locks' ? ['--date', DATE] : [])];
  const { stdout } = await runRunbook(name, args, bench.aws.environment);
  return stdout;
}

test.each(['changes', 'manifests', 'locks'])(
  'the list of %s as CSV is what its runbook prints',
  async (view) => {
    const { name, text } = await fileOf(view, 'csv');
    expect(name).toBe(`${view}.csv`);
    expect(text.trim().split('\n').length).toBeGreaterThan(1);
    expect(text).toBe(await printed(view));
  },
);

test.each([
  ['changes', { reason: 'tried, "once"' }],
  ['manifests', { file_key: 'MANIFEST#batch-1.json', file_count: 2 }],
  ['locks', { date: DATE, holder: 'builder-1' }],
])('the list of %s as NDJSON has a whole record on each line', async (view, record) => {
  const { name, text } = await fileOf(view, 'ndjson');
  expect(name).toBe(`${view}.ndjson`);
  expect(JSON.parse(text.split('\n')[0] ?? '')).toMatchObject(record);
});

test.each(['changes', 'manifests', 'locks'])('the page of %s offers both', async (view) => {
  const page = String(await answerPage({ view, links: 'addresses' }, PLACE, bench.source));
  for (const form of ['csv', 'ndjson']) expect(page).toContain(`view=${view}&amp;download=${form}`);
});
