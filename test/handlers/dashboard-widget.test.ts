import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LambdaFunction, startLambdaFunction } from '../../infra/local-lambda/function.ts';
import { dynamoDbDocuments } from '../../shared/aws/clients.ts';
import { consumeBatch } from '../../shared/projection/consume.ts';
import { bundledHandler } from '../support/bundles.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { parseElements } from '../support/markup.ts';
import { applyDeps } from '../support/projection.ts';
import { streamedTable, uploaded } from '../support/stream-records.ts';

let aws: LocalAws;
let widget: LambdaFunction;
const log: string[] = [];

beforeAll(async () => {
  aws = await localAws();
  widget = startWidget(aws.environment);
});

afterAll(() => widget.stop());

function startWidget(environment: Record<string, string>): LambdaFunction {
  return startLambdaFunction({
    name: 'dashboard-widget',
    handlerFile: bundledHandler('dashboard-widget'),
    environment,
    timeoutSeconds: 30,
    onOutput: (line) => log.push(line),
  });
}

/** Files through the stream, as the consumer counts them. */
async function upload(table: ReturnType<typeof streamedTable>, names: readonly string[]): Promise<void> {
  const records = names.map((name) => table.write(name, uploaded()));
  const projection = { docs: dynamoDbDocuments(aws.dynamoDb), name: aws.projectionTable };
  const letters = { s3: aws.s3, bucket: aws.buckets.deadLetter };
  await consumeBatch(records, applyDeps(aws, { projection: projection }), letters);
}

async function draw(event: object): Promise<string> {
  const { payload, functionError } = await widget.invoke({ widgetContext: { theme: 'light' }, ...event });
  expect(functionError).toBeUndefined();
  return String(payload);
}

test('the deployed handler documents itself', async () => {
  expect(await draw({ describe: true })).toContain('## State Manager');
});

test('its actions call the function itself, which then draws what they lead to', async () => {
  const actions = parseElements(await draw({})).filter(({ name }) => name === 'cwdb-action');
  expect(new Set(actions.map(({ attributes }) => attributes.endpoint))).toEqual(new Set([widget.arn]));
  const dates = actions.map(({ text }) => JSON.parse(text)).find(({ view }) => view === 'dates');
  expect(await draw(dates)).toContain('aria-current="page">Dates');
});

test('it is drawn in the theme of the dashboard', async () => {
  expect(await draw({ widgetContext: { theme: 'dark' } })).toContain('sm-theme-dark');
});

test('it remembers what it saw for as long as its process lives, and shows the trend', async () => {
  const table = streamedTable();
  await upload(table, ['a.ndjson', 'b.ndjson']);
  expect(await draw({})).toContain('<p class="sm-number" data-status="pending">2</p>');
  await upload(table, ['c.ndjson']);
  await sleep(2_100);
  const after = await draw({});
  expect(after).toContain('<p class="sm-number" data-status="pending">3</p>');
  expect(after).toMatch(/\+\d in \d/);
});

test('a missing table appears as a card on the page, and as an error in the log', async () => {
  const lost = startWidget({ ...aws.environment, PROJECTION_TABLE: 'gone' });
  const { payload, functionError } = await lost.invoke({ view: 'overview', widgetContext: {} });
  await lost.stop();
  expect(functionError).toBeUndefined();
  expect(payload).toContain('Could not be read.');
  expect(log.filter((line) => line.includes('A view could not read something'))).not.toHaveLength(0);
});

test('a function that is not configured fails', async () => {
  const { PROJECTION_TABLE: _missing, ...incomplete } = aws.environment;
  const unconfigured = startWidget(incomplete);
  const { payload, functionError } = await unconfigured.invoke({});
  await unconfigured.stop();
  expect(functionError).toBe('Unhandled');
  expect(payload).toMatchObject({ errorMessage: expect.stringContaining('PROJECTION_TABLE') });
});
