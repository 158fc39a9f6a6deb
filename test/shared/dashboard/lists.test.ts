import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { answerPage } from '../../../shared/dashboard/page-source.ts';
import { pager } from '../../../shared/dashboard/pager.ts';
import { LONGEST_NEXT } from '../../../shared/dashboard/requests.ts';
import { answerWidget } from '../../../shared/dashboard/widget.ts';
import { markupOf } from '../../../shared/page-kit/html.ts';
import { failureClass } from '../../../shared/pipeline/failure-class.ts';
import { runRunbook } from '../../support/runbook.ts';
import { context, NOW, textOf } from './view-data.ts';
import { actionsIn, DATE, PLACE, type WidgetBench, widgetBench } from './widget-bench.ts';

const HOUR = 3_600_000;
const HEAP = failureClass('Java heap space').id;
const MANIFEST = 's3://m/manifests/2026-11-23/batch-0001.json';

let bench: WidgetBench;

const ago = (hours: number) => new Date(NOW - hours * HOUR).toISOString();

async function put(file_key: string, attributes: object): Promise<void> {
  const Item = { date_prefix: DATE, file_key, created_at: ago(30), ...attributes };
  await bench.aws.documents.send(new PutCommand({ TableName: bench.aws.trackingTable, Item }));
}

beforeAll(async () => {
  bench = await widgetBench();
  for (const [i, hours] of [2, 9, 5].entries()) {
    await put(`wait-${i}.ndjson`, {
      status: `manifested#${i}`,
      manifest_time: ago(hours),
      manifest_path: MANIFEST,
    });
  }
  await put('undated.ndjson', { status: 'manifested#4', manifest_time: 'soon', updated_at: 'soon' });
  for (let i = 0; i < 120; i++) {
    const isHeap = i % 3 === 0;
    await put(`fail-${String(i).padStart(3, '0')}.ndjson`, {
      status: `failed#${i % 10}`,
      failed_time: ago(1 + i / 10),
      error_message: isHeap ? 'Java heap space' : 'Rate exceeded',
      manifest_path: isHeap ? MANIFEST : 's3://m/manifests/2026-11-23/batch-0002.json',
    });
  }
  await put('=1+1.ndjson', { status: 'completed', completed_time: ago(1), error_message: '=2+2' });
}, 60_000);

/** The view as a page, and as text. */
async function page(event: object): Promise<string> {
  return answerWidget({ ...event, links: 'addresses' }, PLACE, bench.source);
}

const namesIn = (markup: string) =>
  [...markup.matchAll(/<span class="sm-name">([^<]+\.ndjson)</g)].map(([, name]) => name);
const sorted = { view: 'files', status: 'failed', date: DATE } as const;

test('files that have waited longest come first; a file of unknown age comes last, never as the oldest', async () => {
  const markup = await page({ view: 'files', status: 'manifested' });
  expect(namesIn(markup)).toEqual(['wait-1.ndjson', 'wait-2.ndjson', 'wait-0.ndjson', 'undated.ndjson']);
  expect(textOf(markup)).toContain('4 files, longest waiting first');
});

test('a list by age has the older files, and says how many have an unknown age', async () => {
  const markup = await page({ view: 'files', status: 'manifested', older: '4h' });
  expect(namesIn(markup)).toEqual(['wait-1.ndjson', 'wait-2.ndjson']);
  expect(textOf(markup)).toContain('1 file of unknown age is left out.');
  expect(textOf(markup)).toContain('the 2 whose age is known; its name says that it is a part');
  expect(textOf(markup)).toContain('runbooks/files.ts --status manifested --older-than 4h --env local');
  expect(textOf(markup)).toContain('runbooks/reset-stuck.ts --status manifested --hours 4 --env local');
});

test('sorted by error or by manifest, files are in groups that link to their own lists', async () => {
  const byError = await page({ ...sorted, sort: 'error' });
  expect(textOf(byError)).toContain('Rate exceeded 80');
  expect(byError).toContain(`status=failed&amp;date=${DATE}&amp;class=${failureClass('Rate exceeded').id}`);
  const byManifest = await page({ ...sorted, sort: 'manifest', at: '50' });
  expect(textOf(byManifest)).toContain('batch-0001.json 40');
  const ofManifest = await page({ ...sorted, manifest: 'batch-0001.json' });
  expect(textOf(ofManifest)).toContain('40 files, as of');
  expect(namesIn(ofManifest)).toHaveLength(40);
  expect(textOf(ofManifest)).toContain(
    `batch-update.ts --status failed --date ${DATE} --manifest batch-0001.json --new-status pending --env local`,
  );
});

test('a group links to the files that it counts, with the filters of its list', async () => {
  const narrowed = { older: '12h', manifest: 'batch-0001.json' };
  const byError = await page({ ...sorted, ...narrowed, sort: 'error' });
  expect(textOf(byError)).toContain('Java heap space 3');
  expect(byError).toContain(
    `status=failed&amp;date=${DATE}&amp;older=12h&amp;manifest=batch-0001.json&amp;class=${HEAP}`,
  );
  const ofGroup = await page({ ...sorted, ...narrowed, class: HEAP });
  expect(namesIn(ofGroup)).toHaveLength(3);
  const byManifest = await page({ ...sorted, older: '12h', class: HEAP, sort: 'manifest' });
  expect(byManifest).toContain(
    `status=failed&amp;date=${DATE}&amp;older=12h&amp;class=${HEAP}&amp;manifest=${encodeURIComponent(MANIFEST)}`,
  );
});

test('a group of a list without a status, which has failed and quarantined files, leads to its cause', async () => {
  const all = await page({ view: 'files', date: DATE, sort: 'error' });
  expect(all).toContain(`view=failures&amp;date=${DATE}&amp;class=${failureClass('Rate exceeded').id}`);
  const older = await page({ view: 'files', date: DATE, sort: 'error', older: '1h' });
  expect(textOf(older)).toContain('Rate exceeded 80');
  expect(older.split('<tr class="sm-group">')[1]?.split('</tr>')[0]).not.toContain('href');
});

test('a page beyond the end of a sorted list shows the last page, with a link back', async () => {
  const markup = await page({ ...sorted, sort: 'name', at: '500' });
  expect(textOf(markup)).toContain('101 to 120 of 120 files');
  expect(markup).toMatch(/<a[^>]*href="[^"]*at=50"[^>]*>Previous/);
  const none = await page({ ...sorted, sort: 'name', older: '100h', at: '50' });
  expect(textOf(none)).toContain('No files');
});

test('next and previous lead through all pages of a list and back to its beginning', async () => {
  for (const first of [sorted, { ...sorted, sort: 'newest' }]) {
    const seen: (string | undefined)[][] = [];
    let request: object | undefined = first;
    const visited: object[] = [];
    while (request) {
      const markup = await bench.view(request);
      seen.push([...new Set(namesIn(markup))]);
      visited.push(request);
      request = buttonOf(markup, 'Next');
    }
    expect(seen.map((names) => names.length)).toEqual([50, 50, 20]);
    expect(new Set(seen.flat()).size).toBe(120);
    let back: object | undefined = visited.at(-1);
    for (const names of seen.toReversed()) {
      const markup = await bench.view(back ?? {});
      expect([...new Set(namesIn(markup))]).toEqual(names);
      back = buttonOf(markup, 'Previous');
    }
    expect(back).toBeUndefined();
  }
});

/** What the button of that label would call the function with. */
function buttonOf(markup: string, label: string): object | undefined {
  const at = markup.indexOf(`>${label}</button>`);
  return at < 0 ? undefined : actionsIn(markup.slice(at + label.length + 10))[0];
}

test('a filter in a dashboard narrows only its own list', async () => {
  const markup = await bench.view({ view: 'files', status: 'failed', sort: 'name' });
  const action = actionsIn(markup).find(({ typed }) => typed === 'older manifest');
  const forms = { all: { name: 'x', date: 'nonsense', older: '12h', manifest: '' } };
  const narrowed = await bench.view({ ...action, widgetContext: { forms } });
  expect(namesIn(narrowed)[0]).toBe('fail-111.ndjson');
  const other = await bench.view({ view: 'files', status: 'failed', widgetContext: { forms } });
  expect(textOf(other)).toContain('50 files, oldest date first');
});

test('a list as a file is what the runbook prints, with the same guard against formulas', async () => {
  const listed = async (event: object) => {
    const file = await answerPage({ ...event, links: 'addresses' }, PLACE, bench.source);
    return typeof file === 'string' ? file : file.text;
  };
  for (const status of ['completed', 'failed']) {
    const printed = await runRunbook('files', ['--status', status, '--output', 'csv'], bench.aws.environment);
    const lines = (await listed({ view: 'files', status, download: 'csv' })).split('\n');
    expect(lines.sort()).toEqual(printed.stdout.split('\n').sort());
  }
  const completed = await listed({ view: 'files', status: 'completed', download: 'csv' });
  expect(completed).toContain(`,'=1+1.ndjson,`);
  expect(completed).toContain(`,'=2+2`);
  const records = (await listed({ ...sorted, class: HEAP, download: 'ndjson' })).trim().split('\n');
  expect(records.map((line) => JSON.parse(line))).toHaveLength(40);
});

test('a dashboard, which downloads nothing, shows the commands that write the files', async () => {
  const text = textOf(await bench.view({ view: 'files', status: 'failed', download: 'csv' }));
  expect(text).toContain('runbooks/files.ts --status failed --output csv --env local > files.csv');
  expect(text).toContain('runbooks/files.ts --status failed --output ndjson --env local > files.ndjson');
});

test('a wrong age, order or position is reported as wrong', async () => {
  for (const [fields, message] of [
    [{ older: 'long' }, '"older": must be a length of time such as'],
    [{ sort: 'size' }, '"sort": must be one of age, newest'],
    [{ at: '-1' }, '"at": must be a number'],
  ] as const) {
    expect(textOf(await bench.view({ ...sorted, ...fields }))).toContain(message);
  }
});

test('the command beside a list lists the same files, and the command that would fix them runs unchanged', {
  tags: ['long'],
}, async () => {
  const { environment } = bench.aws;
  for (const request of [
    { status: 'manifested' },
    { status: 'failed', manifest: 'batch-0001.json', date: DATE },
    { status: 'failed', class: HEAP },
  ]) {
    const markup = await page({ view: 'files', ...request, sort: 'name' });
    const [list, fix] = [...markup.matchAll(/<code[^>]*>(.*?)<\/code>/g)].map(([, code = '']) =>
      wordsOf(code),
    );
    const listed = await runRunbook('files', [...(list ?? []), '--output', 'ndjson'], environment);
    const names = listed.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).file_key);
    expect(names.sort()).toEqual(namesIn(markup).sort());
    const planned = await runRunbook(
      fix?.includes('--new-status') ? 'batch-update' : 'reset-stuck',
      fix ?? [],
      environment,
    );
    expect([0, 3], planned.stderr).toContain(planned.code);
  }
});

/** The flags of a command except --env, which is different here. */
function wordsOf(code: string): string[] {
  const words = textOf(code).split(' ');
  return words.slice(words.findIndex((word) => word.startsWith('runbooks/')) + 1, -2);
}

test('a list whose next page no address can lead to says so, and has no link that would be refused', () => {
  const request = { status: 'failed' } as const;
  const files = [{ date_prefix: DATE, file_key: 'a.ndjson', status: 'failed' }];
  const markup = (next_token: string) => markupOf(pager(request, { files, next_token }, context));
  expect(markup('x'.repeat(LONGEST_NEXT))).toContain('>Next<');
  const tooLong = markup('x'.repeat(LONGEST_NEXT + 1));
  expect(tooLong).not.toContain('>Next<');
  expect(tooLong).toContain('The command below lists all of them.');
});
