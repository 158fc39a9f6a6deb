import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { freshBundle } from '../../runbooks/bin/bundle.mjs';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { type Ended, ending, RUNBOOKS, startShell } from '../support/runbook.ts';
import { seedRunbookData } from '../support/runbook-data.ts';

/** The ways to start a runbook. */

let aws: LocalAws;
const shell = (line: string): Promise<Ended> => ending(startShell(line, aws.environment));

beforeAll(async () => {
  aws = await localAws();
  await seedRunbookData(aws);
});

test('the bundle answers as the sources do, and passes exit codes on', { tags: ['long'] }, async () => {
  const { code, stdout } = await shell('runbooks/bin/runbook.mjs stats --json');
  expect({ code, total: JSON.parse(stdout).total }).toEqual({ code: 0, total: 3 });
  const unknown = await shell('runbooks/bin/runbook.mjs file 2026-11-23-none.ndjson');
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toContain('No record of 2026-11-23-none.ndjson');
});

test('the bundle reads buckets with the client from its own code', async () => {
  const { code, stderr } = await shell('runbooks/bin/runbook.mjs check-consistency 2026-11-23 --json');
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.not.stringContaining('bug') });
});

test('the bundle has every runbook, and lists and completes them', async () => {
  const [listed, sources, completion] = await Promise.all([
    shell('runbooks/bin/runbook.mjs'),
    shell('node --import tsx runbooks/run.ts'),
    shell('runbooks/bin/runbook.mjs --completion bash'),
  ]);
  expect(listed).toEqual(sources);
  for (const name of RUNBOOKS) expect(completion.stdout).toContain(name);
});

test('the bundle is rebuilt when a source has changed, and only then', async () => {
  const root = mkdtempSync(join(tmpdir(), 'sources-'));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const said = async () => {
    const file = await freshBundle(root, join(root, 'bundles'));
    const { text } = (await import(pathToFileURL(file).href)) as { text: string };
    return { file, text };
  };
  write('runbooks/run.ts', "export { text } from '../shared/text.ts';");
  write('shared/text.ts', "export const text = 'before';");
  const first = await said();
  expect(await said()).toEqual(first);
  write('shared/text.ts', "export const text = 'afterwards';");
  const second = await said();
  rmSync(root, { recursive: true });
  expect([first.text, second.text]).toEqual(['before', 'afterwards']);
});

test('node alone runs a runbook, if this version strips types', async (context) => {
  if (!('typescript' in process.features) || process.features.typescript === false)
    context.skip(`Node ${process.versions.node} strips no types; 22.18 and later do`);
  const help = await shell(`"${process.execPath}" runbooks/stats.ts --help`);
  expect(help).toMatchObject({ code: 0, stderr: '' });
  const { code, stdout } = await shell(`"${process.execPath}" runbooks/stats.ts --json`);
  expect({ code, total: JSON.parse(stdout).total }).toEqual({ code: 0, total: 3 });
});

test.each([
  ['run.ts', 'none'],
  ['stats.ts', 'dynamodb'],
  ['watch.ts --count 1', 'dynamodb'],
  ['check-consistency.ts 2026-11-23', 'dynamodb, s3'],
  ['doctor.ts', 'dynamodb, lambda, s3'],
  ['doctor.ts --help', 'none'],
])('%s loads only the clients that it uses', { tags: ['long'] }, async (line, clients) => {
  const { stderr } = await shell(
    `node --import tsx --import ./test/fixtures/loaded-clients.ts runbooks/${line}`,
  );
  expect(stderr.trim().split('\n').at(-1)).toBe(`Clients loaded: ${clients}`);
});
