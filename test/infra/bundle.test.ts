import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle, handlerFile } from '../../infra/bundle.ts';
import { type LambdaFunction, startLambdaFunction } from '../../infra/local-lambda/function.ts';
import { localAws } from '../support/local-aws.ts';
import { streamedTable, uploaded } from '../support/stream-records.ts';

const folder = mkdtempSync(join(tmpdir(), 'state-manager-bundles-'));
const second = join(folder, 'again');
const HANDLERS = ['stream-consumer', 'operations'] as const;
let environment: Record<string, string>;
let functions: Record<(typeof HANDLERS)[number], LambdaFunction>;

function bundleInto(out: string): void {
  bundle(Object.fromEntries(HANDLERS.map((name) => [name, handlerFile(name)])), out);
}

beforeAll(async () => {
  bundleInto(folder);
  ({ environment } = await localAws());
  const start = (name: string) =>
    startLambdaFunction({
      name,
      handlerFile: join(folder, name, 'index.mjs'),
      environment,
      timeoutSeconds: 30,
      onOutput: () => undefined,
    });
  functions = { 'stream-consumer': start('stream-consumer'), operations: start('operations') };
});

afterAll(async () => {
  await Promise.all(Object.values(functions).map((fn) => fn.stop()));
  rmSync(folder, { recursive: true });
});

test('the bundled consumer counts what the bundled operations then answer', async () => {
  const table = streamedTable();
  const Records = [
    table.write('a.ndjson', uploaded()),
    table.write('a.ndjson', { status: 'completed#3' }),
    table.write('b.ndjson', uploaded()),
  ];
  const consumed = await functions['stream-consumer'].invoke({ Records });
  expect(consumed).toMatchObject({ functionError: undefined, payload: { batchItemFailures: [] } });
  const { payload } = await functions.operations.invoke({ operation: 'get_stats' });
  expect(payload).toMatchObject({ total: 2, stats: { pending: 1, completed: 1 } });
});

test('the stack of an error names the lines of the sources, not of the bundle', () => {
  // Not in the local Lambda: what runs TypeScript there reads no maps but its own.
  const file = pathToFileURL(join(folder, 'stream-consumer', 'index.mjs')).href;
  const script = `import('${file}').then(({ handler }) => handler({})).catch(({ stack }) => console.log(stack))`;
  const { stdout } = spawnSync(process.execPath, ['-e', script], {
    env: { ...environment, NODE_OPTIONS: '--enable-source-maps' },
    encoding: 'utf8',
  });
  expect(stdout).toMatch(/at recordsOf .*handlers\/stream-consumer\.ts:\d+/);
  expect(stdout).not.toContain('index.mjs');
});

test('a bundle is its code and its map, and the same at every build', () => {
  bundleInto(second);
  for (const name of HANDLERS) {
    expect(readdirSync(join(folder, name)).sort()).toEqual(['index.mjs', 'index.mjs.map']);
    const [before, after] = [folder, second].map((out) => readFileSync(join(out, name, 'index.mjs')));
    expect(before?.equals(after ?? Buffer.alloc(0))).toBe(true);
  }
});

/** The files that a handler imports, directly or not, whether it uses all of them or not. */
function filesOf(handler: string): string[] {
  return Object.keys(bundle({ [handler]: handlerFile(handler) }, join(folder, 'inputs')).inputs);
}

/** Those of this project. */
function ownFilesOf(handler: string): string[] {
  return filesOf(handler).filter((file) => !file.startsWith('node_modules/'));
}

test('the consumer, which reads one part of the profile, does not load the schema for it', () => {
  const isSchema = (file: string) => /node_modules\/zod\/|settings\/pipeline-profile/.test(file);
  expect(filesOf('operations').some(isSchema)).toBe(true);
  expect(filesOf('stream-consumer').filter(isSchema)).toEqual([]);
});

// The one way in which this project writes to the pipeline's table, and what only leads there.
const WRITES =
  /^shared\/(pipeline\/guarded-write|changes\/(engine|apply|undo|decide|plan|clear-locks)|healing\/)/;

test('the widget, which only reads, holds nothing that could write to the tracking table', () => {
  expect(ownFilesOf('operations').filter((file) => WRITES.test(file))).not.toEqual([]);
  const files = ownFilesOf('dashboard-widget');
  expect(files.filter((file) => WRITES.test(file))).toEqual([]);
  const changes = files.filter((file) => file.startsWith('shared/changes/')).sort();
  const read = [
    'additional-fields',
    'audit-parts',
    'begun-change',
    'change-file-table',
    'change-items',
    'change-table',
    'change',
  ];
  expect(changes).toEqual(read.map((name) => `shared/changes/${name}.ts`));
});

// Neither holds every operation, nor the sweep.
test.each([
  ['dashboard-widget', 195],
  ['stats-publisher', 38],
])('%s imports no more than %d files of this project', (handler, most) => {
  expect(ownFilesOf(handler).length).toBeLessThanOrEqual(most);
});
