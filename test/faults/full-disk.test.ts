import { existsSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { startFunctions } from '../../infra/local/functions.ts';
import { localSettings } from '../../infra/local/settings.ts';
import { localFolders } from '../support/bundles.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { type Ended, ending, startShell } from '../support/runbook.ts';
import { uploaded } from '../support/stream-records.ts';

/** A device of Linux that takes nothing, as a full disk does. */
const FULL = '/dev/full';
const NO_ROOM = 'no space left on device';

let aws: LocalAws;

beforeAll(async () => {
  aws = await localAws();
  for (const name of ['a', 'b', 'c']) {
    const key = { date_prefix: '2026-11-23', file_key: `${name}.ndjson` };
    const Item = { ...uploaded(), ...key, status: 'processing#3' };
    await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
  }
});

/** Runs a runbook's command line in a shell. */
const run = (line: string, before = 'true'): Promise<Ended> =>
  ending(
    startShell(`${before}; exec node --import tsx runbooks/${line.replace(' ', '.ts ')}`, aws.environment),
  );

async function records() {
  return (await aws.documents.send(new ScanCommand({ TableName: aws.trackingTable }))).Items;
}

test.skipIf(!existsSync(FULL)).each(['table', 'ndjson'])(
  'a list as %s that cannot be written is a failure that says so',
  async (form) => {
    const { code, stderr } = await run(`files --status processing --output ${form} > ${FULL}`);
    expect(code).toBe(1);
    expect(stderr).toContain(NO_ROOM);
    expect(stderr).not.toContain('    at ');
  },
);

test('a plan that cannot be written to its end is not kept, and nothing is changed', {
  tags: ['long'],
}, async () => {
  const before = await records();
  const path = join(mkdtempSync(join(tmpdir(), 'full-')), 'plan.ndjson');
  const { code, stderr } = await run(`reset-stuck --hours 0.001 --plan-out ${path}`, 'ulimit -f 0');
  expect(code).toBe(1);
  expect(stderr).toContain('A file could not be written');
  expect(existsSync(path)).toBe(false);
  expect(await records()).toEqual(before);
});

test.skipIf(!existsSync(FULL))('a function whose log cannot be written answers as ever', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'full-'));
  symlinkSync(FULL, join(folder, 'operations.log'));
  const settings = { ...localSettings({}), environment: aws.environment };
  const functions = startFunctions(settings, localFolders(folder), () => undefined);
  try {
    for (let i = 0; i < 3; i++) {
      const { payload } = await functions.operations.invoke({ operation: 'get_stats' });
      expect(payload).toMatchObject({ total: 0 });
    }
  } finally {
    await functions.stop();
  }
});
