/** @module-tag long */
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, expect, test, vi } from 'vitest';
import { builderFunction, wakenByDate } from '../../infra/local/builder-function.ts';
import { type InvokeApi, startInvokeApi } from '../../infra/local-lambda/invoke-api.ts';
import type { Fault } from '../../infra/simulator/faults.ts';
import type { FileTruth } from '../../infra/simulator/ledger.ts';
import { type Ended, runRunbook } from '../support/runbook.ts';
import { DAY, HOUR } from './plan.ts';
import { STUCK_OR_LOST } from './printed-faults.ts';
import { openScene, type Scene } from './scene.ts';
import { createStreamPump, type StreamPump } from './stream-pump.ts';

// What the runbooks print is done as it stands, by the runbooks themselves; only AWS is played by the simulator.

const FILES = 4;
/** With it a job that hangs does so for longer than a night. */
const SEED = 3;
/** Files come in the evening, so that they are those of an earlier date when somebody looks. */
const ARRIVAL = 20 * HOUR;
let scene: Scene;
let pump: StreamPump;
let api: InvokeApi;
let date: string;
let neighbour: FileTruth;

async function open(version: 'A' | 'B'): Promise<void> {
  scene = await openScene({ version, seed: SEED, maxFiles: FILES, weights: {} });
  pump = await createStreamPump(scene.aws);
  const builder = builderFunction();
  builder.connect(wakenByDate(scene.pipeline));
  api = await startInvokeApi({ port: 0, functions: [builder] });
  date = new Date(scene.startMillis).toISOString().slice(0, 10);
  neighbour = await liveNeighbour();
}

afterEach(async () => {
  await api.close();
  await scene.close();
});

/** A file of the day before, which is converted and has to stay as it is. */
async function liveNeighbour(): Promise<FileTruth> {
  const { pipeline, startMillis } = scene;
  const yesterday = new Date(startMillis - DAY).toISOString().slice(0, 10);
  pipeline.upload(`pipeline/input/${yesterday}/${yesterday}-neighbour.ndjson`);
  await pipeline.advance(startMillis + HOUR);
  const [file] = pipeline.ledger().files;
  if (!file) throw new Error('The neighbour is not there.');
  expect(file).toMatchObject({ expected: 'healthy', conversions: [{ upload: 1 }] });
  return file;
}

/** Uploads the files of the date with what happens to them, and lets time pass. */
async function live(faults: readonly Fault[], { files = FILES, hours = 7 } = {}): Promise<void> {
  const { pipeline, startMillis } = scene;
  await pipeline.advance(startMillis + ARRIVAL);
  for (const fault of faults) pipeline.plant(fault, date);
  for (let number = 1; number <= files; number += 1)
    pipeline.upload(`pipeline/input/${date}/${date}-file-${number}.ndjson`);
  await letPass(hours);
}

async function letPass(hours: number): Promise<void> {
  const to = scene.pipeline.now() + hours * HOUR;
  await scene.pipeline.advance(to);
  await pump(to);
  vi.setSystemTime(to);
}

/** Runs a command as it was printed, with what it asks for. */
async function run(command: string, more: readonly string[] = []): Promise<Ended> {
  const [, name = '', line = ''] = /^(?:npx tsx runbooks\/)?([\w-]+)\.ts ?(.*)$/.exec(command) ?? [];
  const args = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
  const environment = { ...scene.aws.environment, AWS_ENDPOINT_URL_LAMBDA: api.url };
  const ended = await runRunbook(name, [...args, ...more], environment);
  expect({ command, ...ended }).toMatchObject({ code: 0 });
  return ended;
}

const apply = (command: string) => run(command, ['--apply', '--yes', '--reason', 'as it was printed']);

/** The command that a text gives after these words, without the variables before it, which are those of this process. */
function commandAfter(words: RegExp, { stderr }: Ended): string {
  const found = new RegExp(`${words.source}(?:\\w+=\\S+ )*(npx tsx runbooks/.+)`).exec(stderr)?.[1];
  if (found === undefined) throw new Error(`No command after ${words} in: ${stderr}`);
  return found;
}

/** The files that find-orphans lists, and the command that explains one of them. */
async function findOrphans() {
  const found = await run('find-orphans.ts --json');
  const orphans = (JSON.parse(found.stdout) as { kind: string; cause: string; file_key: string }[]).filter(
    ({ kind }) => kind !== 'stuck_manifests',
  );
  const explain = (file: string) => commandAfter(/the next command: /, found).replace('FILE', file);
  return { orphans, explain };
}

/** Does what is printed about a file: stops its execution, changes its status, and has the builder woken. */
async function fix(explain: string): Promise<void> {
  const explained = await run(explain);
  await stopExecution(explained);
  const changed = await apply(commandAfter(/The next step: /, explained));
  const wake = /(npx tsx runbooks\/wake-builder\.ts .+)/.exec(changed.stderr)?.[1];
  if (wake !== undefined) await apply(wake);
}

/** Stops what is said to run, by the command where one is printed: version B's records name no execution. */
async function stopExecution({ stdout }: Ended): Promise<void> {
  if (!stdout.includes('stop its execution first')) return;
  const arn = await executionOf(scene.pipeline.ledger().manifests.at(-1)?.name ?? '');
  const stop = `aws stepfunctions stop-execution --execution-arn ${arn} --cause`;
  if (scene.version === 'A') expect(stdout).toContain(stop);
  scene.pipeline.stop(arn);
}

async function executionOf(manifest: string): Promise<string> {
  const file_key = scene.version === 'B' ? 'MANIFEST' : `MANIFEST#${manifest}`;
  return String((await record(date, file_key))?.execution_arn);
}

async function record(date_prefix: string, file_key: string) {
  const { documents, trackingTable: TableName } = scene.aws;
  const Key = { date_prefix, file_key };
  return (await documents.send(new GetCommand({ TableName, Key, ConsistentRead: true }))).Item;
}

/** Each of these is completed, and its newest upload in the output once; the neighbour is as it was. */
async function expectConvertedOnce(keys: readonly string[]): Promise<void> {
  const before = await record(neighbour.date, neighbour.key);
  // Longer than any execution may last.
  await letPass(60);
  const { files } = scene.pipeline.ledger();
  for (const key of keys) {
    const { uploads = [], conversions = [] } = files.find((file) => file.key === key) ?? {};
    const stored = await record(date, key);
    expect({ key, status: String(stored?.status).replace(/#.*/, '') }).toEqual({ key, status: 'completed' });
    expect({ key, rowsOf: conversions.map(({ upload }) => upload) }).toEqual({
      key,
      rowsOf: [uploads.length],
    });
  }
  expect(await record(neighbour.date, neighbour.key)).toEqual(before);
  expect(files.find(({ key }) => key === neighbour.key)?.conversions).toEqual(neighbour.conversions);
}

test.each(STUCK_OR_LOST)(
  'version %s, %s: the commands printed for %s end with each file converted once',
  async (version, fault, cause) => {
    await open(version);
    await live([fault]);
    const { orphans, explain } = await findOrphans();
    expect(new Set(orphans.map((orphan) => orphan.cause))).toEqual(new Set([cause]));
    for (const { file_key } of orphans) await fix(explain(file_key));
    await expectConvertedOnce(orphans.map(({ file_key }) => file_key));
  },
);

test.each([
  ['A', 'job_throttled'],
  ['B', 'job_throttled'],
  ['A', 'job_failed'],
] as const)(
  'version %s, %s: explain of a failed file ends with it converted once',
  async (version, fault) => {
    await open(version);
    await live([fault]);
    const keys = scene.pipeline.ledger().files.flatMap(({ key, date: of }) => (of === date ? key : []));
    expect(keys).toHaveLength(FILES);
    for (const key of keys) await fix(`explain.ts ${key}`);
    await expectConvertedOnce(keys);
  },
);

test.each(['A', 'B'] as const)(
  'version %s: what is never taken is taken once the builder is woken',
  async (version) => {
    await open(version);
    await live([], { files: FILES - 1, hours: 30 });
    const { orphans, explain } = await findOrphans();
    expect(orphans.map(({ cause }) => cause)).toEqual(Array(FILES - 1).fill('not_taken'));
    const explained = await run(explain(orphans[0]?.file_key ?? ''));
    expect(explained.stdout).toContain('wake-builder.ts');
    await apply(`wake-builder.ts ${date}`);
    await expectConvertedOnce(orphans.map(({ file_key }) => file_key));
  },
);

/** The issues of the date, each with the command in its next step. */
async function findIssues() {
  const { stdout } = await run(`check-consistency.ts ${date} --json`);
  const issues = JSON.parse(stdout) as { type: string; file_key: string; next_step: string }[];
  return issues.map((issue) => ({
    ...issue,
    command: /`(?:\w+=\S+ )*(npx tsx runbooks\/[\w-]+\.ts .+?)`/.exec(issue.next_step)?.[1] ?? '',
  }));
}

test('what was uploaded again and ignored is converted once by the command of its issue', async () => {
  await open('A');
  await live(['uploaded_again'], { hours: 30 });
  const issues = await findIssues();
  expect(issues.map(({ type }) => type)).toEqual(['uploaded_again']);
  for (const { command } of issues) await apply(command);
  await apply(`wake-builder.ts ${date}`);
  const [{ file_key = '' } = {}] = issues;
  await letPass(30);
  const file = scene.pipeline.ledger().files.find(({ key }) => key === file_key);
  expect(file?.conversions.map(({ upload }) => upload)).toEqual([1, 2]);
  expect(file?.expected).toBe('healthy');
});

test.each(['A', 'B'] as const)(
  'version %s: an object whose event was lost is converted once by the command of its issue',
  async (version) => {
    await open(version);
    await live(['lost_event']);
    const issues = await findIssues();
    expect(issues.map(({ type }) => type)).toEqual(['missing_in_db']);
    for (const { command } of issues) await apply(command);
    await letPass(1);
    // The others were one too few for a manifest, and go with it.
    const { files } = scene.pipeline.ledger();
    await expectConvertedOnce(files.flatMap(({ key, date: of }) => (of === date ? key : [])));
  },
);

test('a pending file whose input is gone is failed by the command of its issue, and harms no other', async () => {
  await open('A');
  await live(['input_gone'], { files: FILES - 1 });
  const issues = await findIssues();
  expect(issues.map(({ type }) => type)).toEqual(['missing_in_s3']);
  for (const { command } of issues) await apply(command);
  await apply(`wake-builder.ts ${date}`);
  const gone = issues.map(({ file_key }) => file_key);
  const { files } = scene.pipeline.ledger();
  await expectConvertedOnce(
    files.flatMap(({ key, date: of }) => (of === date && !gone.includes(key) ? key : [])),
  );
  for (const key of gone) expect(String((await record(date, key))?.status)).toMatch(/^failed/);
});
