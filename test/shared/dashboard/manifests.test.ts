import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { manifests } from '../../../shared/dashboard/manifests.ts';
import { markupOf } from '../../../shared/page-kit/html.ts';
import { context, countsOf, statsOf, textOf } from './view-data.ts';
import { DATE, type WidgetBench, widgetBench } from './widget-bench.ts';

let bench: WidgetBench;

beforeAll(async () => {
  bench = await widgetBench();
  const names = [
    ...Array.from({ length: 130 }, (_, i) => ({ file_key: `MANIFEST#b-${i}.json`, status: 'completed' })),
    ...Array.from({ length: 1_050 }, (_, i) => ({ file_key: `plain-${i}.ndjson`, status: 'failed' })),
  ];
  const puts = names.map((name) => ({ PutRequest: { Item: { date_prefix: DATE, ...name } } }));
  for (let from = 0; from < puts.length; from += 25) {
    const RequestItems = { [bench.aws.trackingTable]: puts.slice(from, from + 25) };
    await bench.aws.documents.send(new BatchWriteCommand({ RequestItems }));
  }
}, 60_000);

async function listOf(request: { status?: 'completed' | 'failed' | 'pending' }): Promise<string> {
  return textOf(
    markupOf(
      manifests.draw(
        await manifests.read(request, { ...bench.source, timeRange: undefined }),
        context,
        request,
      ),
    ),
  );
}

test('a hundred manifests are listed, and the page says that there are more', async () => {
  expect(await listOf({ status: 'completed' })).toContain('There are more than these 100.');
  expect(await listOf({})).toContain('There are more than these 100.');
});

test('a search that ends among files without a suffix does not claim that there are none', async () => {
  const before = bench.requests.length;
  expect(await listOf({ status: 'failed' })).toContain('No manifest among the records searched');
  expect(bench.requests.length - before).toBeLessThan(20);
  expect(await listOf({ status: 'pending' })).toContain('No manifest records here');
});

test('the list of all has as many as its count; those of unknown status are counted separately', () => {
  const stats = statsOf(
    {},
    { manifests: { stats: countsOf({ completed: 3 }), total: 5, unknown_status: 2 } },
  );
  const list = { kind: 'read', value: { manifests: [], areMore: 'no' } } as const;
  const text = textOf(markupOf(manifests.draw({ list, stats: { kind: 'read', value: stats } }, context, {})));
  expect(text).toMatch(/All 3 .*completed 3 .*unknown 2/);
});
