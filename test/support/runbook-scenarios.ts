import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { cloudWatch, readMonitoring } from '../../shared/aws/monitoring.ts';
import { fieldFiles } from './field-files.ts';
import type { LocalAws } from './local-aws.ts';
import { putOutputRow } from './output-rows.ts';
import { digestShown, runRunbook } from './runbook.ts';
import { seedFaults } from './scenarios.ts';
import { whileServed } from './served-page.ts';
import { streamedTable, uploaded } from './stream-records.ts';

/** The environment variables of a process. */
type Environment = Readonly<Record<string, string>>;

/** Exit codes: done, or partly done. */
const GOOD_ENDS: readonly (number | null)[] = [0, 5];
const DATE = '2026-11-23';
const FILE = '2026-11-23-b.ndjson';
const APPLY = ['--apply', '--yes', '--reason', 'test'];

/** Runs a runbook. @returns its standard output @throws Error with its output if it could not do its work */
async function run(environment: Environment, name: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runRunbook(name, args, environment);
  if (GOOD_ENDS.includes(code)) return stdout;
  throw new Error(`${name} ${args.join(' ')} ended with ${code}:\n${stderr}`);
}

/** Data for every runbook to work on, made by somebody who may do everything. */
export interface RunbookScene {
  /** The id of a change. */
  readonly change: string;
  /** A saved plan in the dead letter bucket. */
  readonly plan: string;
}

export async function prepareRunbooks(aws: LocalAws): Promise<RunbookScene> {
  const ask = (name: string, ...args: readonly string[]) => run(aws.environment, name, ...args);
  await seedFaults(aws, 'seen.ndjson');
  await putOutputRow(aws, DATE);
  const files = fieldFiles(aws, DATE, Date.parse(`${DATE}T05:00:00Z`));
  // Two stay failed: what one change is about is read together.
  for (const name of [FILE, 'failed.ndjson', 'failed-too.ndjson']) {
    await files.input(name);
    await files.record(name, { status: 'failed#1', error_message: 'test' });
  }
  const expired = { ttl: Math.floor(Date.now() / 1_000) - 600 };
  const lock = { date_prefix: DATE, file_key: `LOCK#${DATE}`, ...expired };
  await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item: lock }));
  await prepareLetters(aws);
  await ask('update-state', FILE, '--new-status', 'pending', '--force', ...APPLY);
  const [{ change_id: change }] = JSON.parse(await ask('changes', '--json'));
  const path = join(mkdtempSync(join(tmpdir(), 'plans-')), 'plan.ndjson');
  const selection = ['--status', 'processing', '--new-status', 'failed'];
  await ask('batch-update', ...selection, '--plan-out', path);
  const Key = 'runs/orphan-sweep/plan.ndjson';
  await putLetter(aws, Key, readFileSync(path, 'utf8'));
  return { change, plan: `s3://${aws.buckets.deadLetter}/${Key}` };
}

/** Dead letters: one that can be applied, one that cannot, and one that Lambda gave up. */
async function prepareLetters(aws: LocalAws): Promise<void> {
  const recordsOf = (name: string, created: number) => {
    const record = streamedTable().write(name, uploaded());
    return [{ ...record, dynamodb: { ...record.dynamodb, ApproximateCreationDateTime: created } }];
  };
  const letter = (name: string, created: number) =>
    JSON.stringify({ version: 1, records: recordsOf(name, created) });
  const givenUp = { payload: { Records: recordsOf('given-up.ndjson', 1_795_411_380) } };
  await putLetter(aws, `dead-letters/${DATE}/1.json`, letter('letter.ndjson', 1_795_411_380));
  await putLetter(aws, `dead-letters/${DATE}/2.json`, letter('endless.ndjson', 1e300));
  await putLetter(aws, `aws/lambda/mapping/shard/${DATE}.json`, JSON.stringify(givenUp));
}

async function putLetter({ s3, buckets }: LocalAws, Key: string, Body: string): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: buckets.deadLetter, Key, Body }));
}

const VIEWS: readonly Record<string, string>[] = [
  {},
  { view: 'files', date: DATE },
  { view: 'file', date: DATE, file: FILE },
  { view: 'manifests' },
  { view: 'manifest', date: DATE, manifest: `manifests/${DATE}/batch-1.json` },
  { view: 'locks' },
  { view: 'changes' },
];

/** Command lines of every runbook that write nothing, by its name. */
export const READING: Readonly<
  Record<string, (environment: Environment, scene: RunbookScene) => Promise<unknown>>
> = {
  acknowledge: async (environment) => {
    await run(environment, 'acknowledge');
    await run(environment, 'acknowledge', FILE, '--until', 'today');
  },
  approve: (environment, { plan }) => run(environment, 'approve', plan),
  'batch-update': async (environment, { plan }) => {
    await run(environment, 'batch-update', '--status', 'failed', '--new-status', 'pending');
    await run(environment, 'batch-update', '--plan', plan);
  },
  changes: async (environment, { change }) => {
    await run(environment, 'changes');
    await run(environment, 'changes', change);
  },
  'check-consistency': (environment) => run(environment, 'check-consistency', DATE),
  explain: (environment) => run(environment, 'explain', 'seen.ndjson', '--date', DATE),
  file: (environment) => run(environment, 'file', FILE),
  files: async (environment) => {
    await run(environment, 'files', '--status', 'processing');
    await run(environment, 'files', '--date', DATE);
  },
  failures: (environment) => run(environment, 'failures', '--date', DATE),
  'find-orphans': (environment) => run(environment, 'find-orphans', '--hours', '1'),
  locks: (environment) => run(environment, 'locks'),
  manifests: (environment) => run(environment, 'manifests'),
  note: (environment) => run(environment, 'note', FILE, '--text', 'test'),
  page: (environment) =>
    whileServed([], environment, async (url) => {
      for (const view of VIEWS) await (await fetch(`${url}/?${new URLSearchParams(view)}`)).text();
    }),
  rebuild: (environment) => run(environment, 'rebuild'),
  repair: (environment) => run(environment, 'repair', '--wait', '0'),
  'replay-dead-letters': (environment) => run(environment, 'replay-dead-letters'),
  'reset-stuck': (environment) => run(environment, 'reset-stuck', '--hours', '1'),
  stats: (environment) => run(environment, 'stats'),
  timeline: (environment) => run(environment, 'timeline', FILE),
  undo: (environment, { change }) => run(environment, 'undo', change),
  'update-state': (environment) => run(environment, 'update-state', FILE, '--new-status', 'quarantined'),
  'verify-data': (environment) => run(environment, 'verify-data', DATE),
  'wake-builder': (environment) => run(environment, 'wake-builder', DATE),
  watch: async (environment) => {
    await run(environment, 'watch', '--count', '1');
    // With an endpoint, a runbook does not ask CloudWatch; what it would ask on AWS is asked here.
    const names = { consumerFunction: 'consumer', alarmPrefix: 'alarms' };
    await readMonitoring(cloudWatch(environment), names, Date.now());
  },
};

/** Command lines that approve, run by somebody who may. */
export async function approvePlan(environment: Environment, { plan }: RunbookScene): Promise<void> {
  // A plan that needs no approval is refused.
  const asked = { ...environment, LOCAL_SETTINGS: JSON.stringify({ approval: { above_files: 0 } }) };
  const digest = digestShown(await runRunbook('approve', [plan], asked));
  await run(asked, 'approve', plan, '--digest', digest, ...APPLY);
}

/** Command lines that change files, run by somebody who may. */
export async function changeFiles(environment: Environment): Promise<void> {
  const ask = (name: string, ...args: readonly string[]) => run(environment, name, ...args);
  await ask('wake-builder', DATE, ...APPLY);
  await ask('locks', '--clear-expired', ...APPLY);
  await ask('acknowledge', FILE, '--until', 'today', ...APPLY);
  await ask('acknowledge', FILE, '--lift', ...APPLY);
  await ask('note', FILE, '--text', 'test', ...APPLY);
  const [{ note_id }] = JSON.parse(await ask('note', FILE, '--json'));
  await ask('note', FILE, '--remove', note_id, ...APPLY);
  await ask('update-state', FILE, '--new-status', 'failed', '--force', ...APPLY);
  const [{ change_id: id }] = JSON.parse(await ask('changes', '--json'));
  await ask('changes', id, '--resume', ...APPLY);
  await ask('undo', id, ...APPLY);
  await ask('batch-update', '--status', 'failed', '--new-status', 'quarantined', '--force', ...APPLY);
  await ask('reset-stuck', '--hours', '1', '--force', ...APPLY);
}

/** Command lines that write to the projection and change no file. */
export async function maintain(environment: Environment): Promise<void> {
  await run(environment, 'replay-dead-letters', ...APPLY);
  await run(environment, 'repair', '--wait', '0', ...APPLY);
  await run(environment, 'rebuild', ...APPLY);
  await run(environment, 'verify-data', DATE, '--keep');
}
