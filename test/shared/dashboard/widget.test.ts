import { existsSync } from 'node:fs';
import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { answerWidget } from '../../../shared/dashboard/widget.ts';
import { addCounts } from '../../../shared/projection/counter-writes.ts';
import { registerDates } from '../../../shared/projection/dates.ts';
import { parseElements } from '../../support/markup.ts';
import { NOW, textOf } from './view-data.ts';
import { actionsIn, DATE, EVERY_VIEW, PLACE, type WidgetBench, widgetBench } from './widget-bench.ts';

let bench: WidgetBench;

beforeAll(async () => {
  bench = await widgetBench();
  await bench.putFile('plain.ndjson');
});

test('describe returns the documentation', async () => {
  const docs = await bench.view({ describe: true, widgetContext: {} });
  expect(docs).toMatch(/^## State Manager/);
  expect(docs).not.toContain('<');
});

test('the theme is the one of the dashboard', async () => {
  expect(await bench.view({ widgetContext: { theme: 'dark' } })).toContain('class="sm sm-theme-dark"');
  expect(await bench.view({ widgetContext: { theme: 'light' } })).toContain('class="sm sm-theme-light"');
  expect(await bench.view({})).toContain('class="sm sm-theme-light"');
});

test('the markup of the widget has nothing that a console would take away', async () => {
  for (const event of EVERY_VIEW) {
    const names = parseElements(await bench.view(event)).map(({ name }) => name);
    expect(names.filter((name) => ['script', 'iframe', 'use', 'link', 'meta', 'img'].includes(name))).toEqual(
      [],
    );
  }
});

test('every view takes one to seven reads, except lists in many places, each of which is read', async () => {
  const reads: Record<string, number> = {};
  for (const event of EVERY_VIEW) {
    bench.requests.length = 0;
    await bench.view(event);
    reads[Object.values(event).slice(0, 2).join(' ')] = bench.requests.length;
  }
  const {
    'files failed': ofStatus = 0,
    manifests = 0,
    [`manifest ${DATE}`]: manifest = 0,
    locks = 0,
    ...others
  } = reads;
  for (const count of Object.values(others)) expect(count).toBeOneOf([1, 2, 3, 4, 5, 6, 7]);
  // The counts and the items beside them are two reads; the ages between them are not read.
  expect(ofStatus).toBeLessThanOrEqual(14);
  // A query for each status; two records, two proofs and the date; two for each date.
  expect(manifests).toBeLessThanOrEqual(10);
  expect(manifest).toBeLessThanOrEqual(5);
  expect(locks).toBeLessThanOrEqual(1 + 2 * 15);
});

test('every action of every view leads to a view, and to this function', async () => {
  const seen = new Set<string>();
  for (const event of EVERY_VIEW) {
    const markup = await bench.view(event);
    for (const { attributes } of parseElements(markup).filter(({ name }) => name === 'cwdb-action')) {
      expect(attributes).toMatchObject({ action: 'call', endpoint: PLACE.functionArn });
    }
    for (const action of actionsIn(markup)) seen.add(JSON.stringify(action));
  }
  for (const action of [...seen]
    .map((text) => JSON.parse(text))
    .filter(({ view: name }) => name !== 'find')) {
    expect(textOf(await bench.view(action))).not.toContain('Could not be read');
  }
});

test('the search form finds a file by its name, its object key or its address', async () => {
  await bench.putFile('2026-11-23+with+space.ndjson');
  const action = actionsIn(await bench.view({})).find(({ view }) => view === 'find');
  const search = (name: string) =>
    bench.view({ ...action, widgetContext: { forms: { all: { name, date: '' } } } });
  for (const name of [
    '2026-11-23 with space.ndjson',
    'in/2026-11-23/2026-11-23 with space.ndjson',
    's3://b/2026-11-23+with+space.ndjson',
  ]) {
    expect(textOf(await search(name))).toContain('2026-11-23+with+space.ndjson failed since');
  }
  expect(textOf(await search('2026-11-23-gone.ndjson'))).toContain('No record of 2026-11-23-gone.ndjson');
  expect(textOf(await search(''))).toContain('Could not be read. "name"');
});

test('a name that no file can have is not looked up, and is not an error', async () => {
  for (const name of ['in/2026-11-23/', `in/2026-11-23/${'x'.repeat(1_100)}`]) {
    bench.requests.length = 0;
    const text = textOf(await bench.view({ view: 'find', name }));
    expect(text).toContain('No such file No file can have this name.');
    expect(bench.requests).toEqual([]);
  }
});

test('other clicks ignore the contents of the search form', async () => {
  const forms = { all: { name: 'x', date: 'nonsense' } };
  expect(textOf(await bench.view({ view: 'files', date: DATE, widgetContext: { forms } }))).toContain(
    `Files of ${DATE}`,
  );
});

test('dates follow the time range of the dashboard, or its zoom if there is one', async () => {
  await registerDates(bench.source.projection, ['2026-09-01', '2026-10-01', DATE], new Set());
  for (const date of ['2026-09-01', DATE]) {
    const counts = { delta: { file_completed: 2 }, asOf: NOW, now: NOW };
    const { Update } = addCounts(bench.aws.projectionTable, date, 0, counts);
    await bench.source.projection.docs.send(
      new UpdateCommand({
        ...Update,
        TableName: bench.aws.projectionTable,
        Key: Update?.Key,
      }),
    );
  }
  const until = (day: string) => ({
    start: Date.parse(`${day}T00:00:00Z`),
    end: Date.parse(`${day}T23:00:00Z`),
  });
  const now = textOf(await bench.view({ view: 'dates', widgetContext: { timeRange: until(DATE) } }));
  expect(now).toContain(`${DATE} 2 100.0%`);
  const zoomed = { ...until(DATE), zoom: until('2026-09-30') };
  const then = textOf(await bench.view({ view: 'dates', widgetContext: { timeRange: zoomed } }));
  expect(then).toContain('2026-09-01 2 100.0%');
  expect(then).not.toContain(`${DATE} 2`);
});

test('every command that is shown exists', async () => {
  const texts = await Promise.all(EVERY_VIEW.map(async (event) => textOf(await bench.view(event))));
  const commands = new Set(texts.join(' ').match(/runbooks\/[\w-]+\.ts/g));
  expect(commands.size).toBeGreaterThanOrEqual(4);
  expect([...commands].filter((command) => !existsSync(command))).toEqual([]);
});

test('times follow the zone of the dashboard, and are UTC where it says none', async () => {
  const zoned = (timezone?: object) => bench.view({ view: 'files', date: DATE, widgetContext: { timezone } });
  expect(textOf(await zoned())).toContain('as of 06:00:00Z');
  expect(textOf(await zoned({ label: 'UTC', offsetISO: '+00:00', offsetInMinutes: 0 }))).toContain(
    'as of 06:00:00Z',
  );
  expect(textOf(await zoned({ label: 'Local', offsetISO: '+05:30', offsetInMinutes: 330 }))).toContain(
    'as of 11:30:00+05:30',
  );
  expect(textOf(await zoned({ offsetISO: 7 }))).toContain('as of 06:00:00Z');
});

test('each view has a heading of its own, and says where the same page has more', async () => {
  const markup = await bench.view({ view: 'files', date: DATE });
  expect(markup).toContain(`<h1 class="sm-heading">Files of ${DATE}</h1>`);
  expect(textOf(markup)).toContain('npm run page -- --env local');
});

test('when deployed, paths, executions, runs and logs link to the console; on one machine they have no links', async () => {
  const attributes = {
    file_path: 's3://in/pipeline/input/a.ndjson',
    execution_arn: 'arn:aws:states:eu-west-1:123456789012:execution:m:r',
    glue_job_run_id: 'jr_1',
  };
  const Item = { date_prefix: DATE, file_key: 'linked.ndjson', status: 'completed#1', ...attributes };
  await bench.aws.documents.send(new PutCommand({ TableName: bench.aws.trackingTable, Item }));
  const event = { view: 'file', date: DATE, file: 'linked.ndjson' };
  const deployed = { region: 'eu-west-1', functionPrefix: 'sm' };
  const place = { ...PLACE, environment: 'prod', deployed };
  const hrefs = async (asked: object) =>
    parseElements(await answerWidget(asked, place, bench.source))
      .filter(({ name }) => name === 'a')
      .map(({ attributes: { href = '' } }) => href.split('?')[0]);
  expect(await hrefs(event)).toEqual([
    'https://eu-west-1.console.aws.amazon.com/s3/object/in',
    'https://eu-west-1.console.aws.amazon.com/cloudwatch/home',
    'https://eu-west-1.console.aws.amazon.com/states/home',
  ]);
  expect(await bench.view(event)).not.toContain('console.aws');
});
