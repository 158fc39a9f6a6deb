import { beforeAll, expect, test } from 'vitest';
import { answerWidget } from '../../../shared/dashboard/widget.ts';
import { learnSuffixes } from '../../../shared/projection/suffixes.ts';
import { textOf } from './view-data.ts';
import { DATE, PLACE, type WidgetBench, widgetBench } from './widget-bench.ts';

const TOO_LONG = { entity: 'file', suffix: `#${'x'.repeat(2_000)}` } as const;
const failed = { view: 'files', status: 'failed', sort: 'name', links: 'addresses' } as const;

let bench: WidgetBench;

beforeAll(async () => {
  bench = await widgetBench();
  await bench.putFile('a.ndjson');
  await learnSuffixes(bench.source.projection, [TOO_LONG], [], new Set());
}, 60_000);

test('a list with missing files is not exported, and no link claims to have all files', async () => {
  const download = answerWidget({ ...failed, download: 'csv' }, PLACE, bench.source);
  await expect(download).rejects.toThrow('cannot be exported: More shard suffixes are in use');
  const text = textOf(await answerWidget(failed, PLACE, bench.source));
  expect(text).toContain('a.ndjson');
  expect(text).toContain('It cannot be exported while files are missing from the list.');
  expect(text).not.toContain('all 1');
});

test('a complete list of a date is exported as before', async () => {
  const dated = { view: 'files', date: DATE, sort: 'name', links: 'addresses' };
  const csv = await answerWidget({ ...dated, download: 'csv' }, PLACE, bench.source);
  expect(csv).toContain('a.ndjson');
  expect(textOf(await answerWidget(dated, PLACE, bench.source))).toContain('As a file, all 1:');
});
