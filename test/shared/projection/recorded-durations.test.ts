import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { dates as datesView } from '../../../shared/dashboard/dates.ts';
import { pageNavigation } from '../../../shared/dashboard/navigation.ts';
import type { Source } from '../../../shared/dashboard/view.ts';
import { markupOf } from '../../../shared/page-kit/html.ts';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { readFlowCounts } from '../../../shared/statistics/flow-counts.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { operationDeps } from '../../support/operations.ts';
import { applyDeps } from '../../support/projection.ts';
import { streamedTable } from '../../support/stream-records.ts';
import { textOf } from '../dashboard/view-data.ts';

/** The writes to a real pipeline's table, in their order: statuses and times as they were, files named anew. */
const FILE = fileURLToPath(new URL('../../fixtures/recorded-history.ndjson', import.meta.url));

interface Written {
  readonly file: string;
  readonly date: string;
  readonly record: Readonly<Record<string, string>>;
}

const history: readonly Written[] = readFileSync(FILE, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));
const dates = [...new Set(history.map(({ date }) => date))].sort();
let aws: LocalAws;

beforeAll(async () => {
  aws = await localAws();
  const table = streamedTable();
  const records = history.map(({ file, date, record }) =>
    table.write(
      file,
      { updated_at: undefined, completed_time: undefined, failed_time: undefined, ...record },
      date,
    ),
  );
  for (let from = 0; from < records.length; from += 20) {
    await consumeBatch(records.slice(from, from + 20), applyDeps(aws, { countsFlow: true }), {
      s3: aws.s3,
      bucket: aws.buckets.deadLetter,
    });
  }
});

/** How long each file was in `from` before it became `to`, in seconds, sorted: told by the history alone. */
function exact(from: string, to: string): number[] {
  const before = new Map<string, { readonly status: string; readonly at: number }>();
  const seconds: number[] = [];
  for (const { file, date, record } of history) {
    const id = `${date}/${file}`;
    const status = record.status?.split('#')[0] ?? '';
    const was = before.get(id);
    if (was?.status === status) continue;
    const time = record[`${status}_time`] ?? record.updated_at ?? record.created_at ?? '';
    // Times of the table have no zone or `+00:00`, with microseconds.
    const at = Date.parse(/Z|[+-]\d\d:\d\d$/.test(time) ? time : `${time}Z`);
    if (was?.status === from && status === to) seconds.push((at - was.at) / 1_000);
    before.set(id, { status, at });
  }
  return seconds.sort((a, b) => a - b);
}

test.each([
  ['pending', 'manifested'],
  ['manifested', 'completed'],
  ['manifested', 'failed'],
] as const)('percentiles from %s to %s match the recorded history, to the bucket', async (from, to) => {
  const { durations } = await readFlowCounts({ docs: aws.documents, name: aws.projectionTable }, dates);
  const counted = durations[`${from}_to_${to}` as keyof typeof durations];
  const seconds = exact(from, to);
  expect(seconds.length).toBeGreaterThan(3);
  expect(counted).toMatchObject({ count: seconds.length, unknown: 0 });
  for (const [name, share] of [
    ['p50', 0.5],
    ['p95', 0.95],
    ['p99', 0.99],
  ] as const) {
    const value = seconds[Math.ceil(seconds.length * share) - 1] ?? Number.NaN;
    // Times of the table are read to the millisecond.
    expect([name, value + 0.001 >= (counted[name]?.from ?? Number.NaN)]).toEqual([name, true]);
    expect([name, value - 0.001 < (counted[name]?.to ?? Number.NaN)]).toEqual([name, true]);
  }
});

test('the page shows them if they are counted, and reads nothing for them if they are not', async () => {
  const { profile, ...deps } = operationDeps(aws);
  const source = (flow: boolean): Source => ({
    ...deps,
    profile: { ...profile, counters: { flow } },
    timeRange: undefined,
    keepSample: () => [],
    noteFault: (error) => {
      throw error;
    },
  });
  const drawn = async (flow: boolean) => {
    const context = { now: deps.now, environment: 'local', navigation: pageNavigation };
    return textOf(markupOf(datesView.draw(await datesView.read({}, source(flow)), context, {})));
  };
  const text = await drawn(true);
  expect(text).toContain('Durations step files p50 p95 p99');
  expect(text).toMatch(/manifested to completed \d+ \d/);
  expect(await drawn(false)).not.toContain('Durations');
});
