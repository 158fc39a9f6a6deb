import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerWidget } from '../../shared/dashboard/widget.ts';
import { runSweep } from '../../shared/orphans/sweep.ts';
import { NO_CANDIDATES } from '../../shared/orphans/sweep-state.ts';
import { trackingTable } from '../../shared/pipeline/tracking-table.ts';
import { dayOf } from '../../shared/text/time.ts';
import { scanRaw } from '../support/changes.ts';
import { fieldFiles } from '../support/field-files.ts';
import { freePorts } from '../support/free-ports.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { parseElements } from '../support/markup.ts';
import { FIELD_LIMITS, FIELD_PROFILE } from '../support/profile.ts';
import { statusChanges } from './compare.ts';
import { pipelineFaults } from './pipeline-faults.ts';
import { openShell, type Shell } from './shell.ts';

const now = Date.now();
const begun = now - 30 * 3_600_000;
const DATE = dayOf(begun);
const LIST = 'stuck_in_manifested.ndjson';
const ODD_NAME = "it's $HOME; 50% (1).ndjson";
const ODD_KEY = 'it%27s+%24HOME%3B+50%25+%281%29.ndjson';

let aws: LocalAws;
let shell: Shell;
/** What the page shows for files that are stuck in manifested: a command that lists them, and its pipes. */
let listing: string;
let pipes: readonly string[];

beforeAll(async () => {
  aws = await localAws();
  await seed();
  await sweep();
  const printed = await commandsOfPage();
  listing = printed.find((command) => command.endsWith(`> ${LIST}`)) ?? '';
  pipes = printed.filter((command) => command.includes('--list=-'));
  shell = await openShell([], aws.environment, await freePorts(3), ['npx']);
});

afterAll(() => shell?.close());

/** Files to reset, to quarantine (no job can read the name), to set to failed, to reset only with force, and to leave alone. */
async function seed(): Promise<void> {
  const faults = pipelineFaults(aws, DATE, begun);
  for (const name of ['left.ndjson', 'left-too.ndjson', ODD_NAME]) await faults.abandoned(name);
  await faults.withoutInput('gone.ndjson');
  const files = fieldFiles(aws, DATE, begun);
  await files.input('waits.ndjson');
  const manifest_path = await files.manifest('batch-2.json', ['waits.ndjson'], { status: 'pending' });
  await files.record('waits.ndjson', { status: 'manifested#2', manifest_path });
  await files.input('new.ndjson');
  await files.record('new.ndjson', { status: 'manifested#2', created_at: new Date(now).toISOString() });
  await files.record('broken.ndjson', { status: 'failed#1' });
}

function sweep() {
  return runSweep(
    {
      tracking: trackingTable(aws.documents, aws.trackingTable, FIELD_PROFILE),
      projection: { docs: aws.documents, name: aws.projectionTable },
      storage: { s3: aws.s3, buckets: aws.buckets },
      profile: FIELD_PROFILE,
      ...{ now, limits: FIELD_LIMITS, graceHours: 0.25, pageSize: 100 },
      ...{ mostReadUnits: Number.POSITIVE_INFINITY, readUnits: () => 0 },
      candidateFilter: NO_CANDIDATES,
      signal: new AbortController().signal,
    },
    randomUUID(),
  );
}

async function commandsOfPage(): Promise<string[]> {
  const event = { view: 'orphans', kind: 'stuck_in_manifested', links: 'addresses' };
  const markup = await answerWidget(
    event,
    { environment: 'local', functionArn: '' },
    {
      tracking: trackingTable(aws.documents, aws.trackingTable, FIELD_PROFILE),
      projection: { docs: aws.documents, name: aws.projectionTable },
      ...{ profile: FIELD_PROFILE, now, keepSample: (sample) => [sample] },
      noteFault: (error) => {
        throw error;
      },
    },
  );
  const commands = markup.match(/<code class="sm-command".*?<\/code>/g) ?? [];
  return commands.map((command) =>
    parseElements(command)
      .map(({ text }) => text)
      .join(' ')
      .trim(),
  );
}

/** The pipe that sets this status. */
const pipeTo = (status: string) => pipes.find((pipe) => pipe.includes(`--new-status ${status}`)) ?? '';

test('in a real shell, each pipe plans the change of the files that it names, and writes nothing', async () => {
  const before = await scanRaw(aws);
  expect(await shell.run(listing)).toMatchObject({ code: 0 });
  const listed = readFileSync(LIST, 'utf8').trimEnd().split('\n');
  expect(listed.map((line) => JSON.parse(line).file_key).sort()).toEqual(
    ['gone.ndjson', 'left.ndjson', 'left-too.ndjson', 'waits.ndjson', ODD_KEY].sort(),
  );
  expect(pipes).toHaveLength(3);
  for (const [status, files] of [
    ['pending', ['left.ndjson', 'left-too.ndjson']],
    ['failed', ['gone.ndjson']],
    ['quarantined', [ODD_KEY]],
  ] as const) {
    const { code, stdout, stderr } = await shell.run(pipeTo(status));
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(`A plan for ${files.length} file${files.length > 1 ? 's' : ''}`);
    const named = Object.keys(before).filter((name) => stdout.includes(name));
    expect(named.sort()).toEqual([...files].sort());
  }
  expect(await scanRaw(aws)).toEqual(before);
});

test('with --apply at its end, the pipe changes these files and no other', async () => {
  const before = await scanRaw(aws);
  const { code, stderr } = await shell.run(`${pipeTo('pending')} --apply --yes --reason 'from the page'`);
  expect(code, stderr).toBe(0);
  expect(statusChanges(before, await scanRaw(aws))).toEqual({
    'left.ndjson': 'pending',
    'left-too.ndjson': 'pending',
  });
});

test('if nothing is listed, the pipe is refused and changes nothing', async () => {
  const before = await scanRaw(aws);
  const { code, stderr } = await shell.run(`set +o pipefail\n: > ${LIST}\n${pipeTo('failed')}`);
  expect(stderr).toContain('received a list without rows');
  expect(code).toBe(3);
  expect(await scanRaw(aws)).toEqual(before);
});
