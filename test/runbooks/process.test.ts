import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { type Ended, ending, startShell } from '../support/runbook.ts';
import { seedRunbookData } from '../support/runbook-data.ts';

/** What only a real process can show; everything else about runbooks is tested in the tests' own process. */

let aws: LocalAws;
const shell = (line: string): Promise<Ended> => ending(startShell(line, aws.environment));

beforeAll(async () => {
  aws = await localAws();
  await seedRunbookData(aws);
});

test('a documented command prints its answer, and its exit code reaches the shell', async () => {
  const { code, stdout } = await shell('npx tsx runbooks/stats.ts --json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ total: 3 });
  const refused = await shell('npx tsx runbooks/stats.ts --limti 5');
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toContain('Unknown flag --limti');
});

test('the list runs a runbook by its name, and passes its exit code on', async () => {
  const { code, stderr } = await shell('node --import tsx runbooks/run.ts file 2026-11-23-none.ndjson');
  expect(code).toBe(1);
  expect(stderr).toContain('No record of 2026-11-23-none.ndjson');
});

test('a runbook runs through a link from another folder', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'runbook-'));
  symlinkSync(resolve('runbooks/stats.ts'), join(folder, 'counts.ts'));
  const { code, stdout } = await shell(`node --import tsx ${join(folder, 'counts.ts')} --json`);
  rmSync(folder, { recursive: true });
  expect({ code, total: JSON.parse(stdout).total }).toEqual({ code: 0, total: 3 });
});

test('without a terminal nothing is asked, and nothing is written', async () => {
  const line = 'node --import tsx runbooks/repair.ts --apply --reason lost < /dev/null';
  const { code, stderr } = await shell(line);
  expect(code).toBe(3);
  expect(stderr).toContain('Not a terminal: pass --yes to confirm. Nothing was written.');
});

test('imported, a runbook does nothing; a command line is read without loading the SDK', async () => {
  const script = `
    const loaded = () => Object.keys(require('node:module')._cache).some((path) => path.includes('aws-sdk'));
    (async () => {
      await import('./runbooks/run.ts');
      console.log(loaded());
      await import('./runbooks/stats.ts');
      console.log(loaded());
    })()`;
  const { code, stdout, stderr } = await shell(`node --import tsx -e "${script}"`);
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'false\ntrue\n', stderr: '' });
});
