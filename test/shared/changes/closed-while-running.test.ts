import { beforeEach, expect, test } from 'vitest';
import { applyPlan } from '../../../shared/changes/apply.ts';
import { closeChange } from '../../../shared/changes/close.ts';
import {
  changeContext,
  changeRequest,
  DATE,
  faultyClient,
  planOf,
  putRaw,
  rawFile,
  scanRaw,
} from '../../support/changes.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';

let aws: LocalAws;

beforeEach(async () => {
  aws = await localAws();
});

test('a change that is closed while it waits for a slow table stops trying within seconds', async () => {
  const names = Array.from({ length: 20 }, (_, i) => `f-${i}.ndjson`);
  const records = names.map((name) => rawFile(name, { status: { S: 'failed#1' } }));
  await putRaw(aws, records);
  const before = await scanRaw(aws);
  const error = Object.assign(new Error('slow'), { name: 'ProvisionedThroughputExceededException' });
  const client = await faultyClient(aws, (_write, table) =>
    table === aws.trackingTable ? { error } : undefined,
  );
  const context = changeContext(aws, undefined, client);
  const requests = names.map((file_key) => ({ date_prefix: DATE, file_key, new_status: 'quarantined' }));
  const plan = await planOf(context, requests);
  let waits = 0;
  const sleep = async () => {
    waits += 1;
    if (waits === 3) await closeChange(changeContext(aws), 'c1', changeRequest('c2'));
  };
  const run = applyPlan({ ...context, sleep }, plan, changeRequest('c1'), {
    ...{ maxChanges: 20, concurrency: 1, maxErrors: 100 },
  });
  await expect(run).rejects.toMatchObject({ code: 'CHANGE_CLOSED' });
  // A file is tried six times: that of all of them would be a hundred waits.
  expect(waits).toBeLessThan(15);
  expect(await scanRaw(aws)).toEqual(before);
});

test('a change that is closed while it runs writes nothing more within seconds', async () => {
  const names = Array.from({ length: 30 }, (_, i) => `f-${String(i).padStart(2, '0')}.ndjson`);
  const records = names.map((name) => rawFile(name, { status: { S: 'failed#1' } }));
  await putRaw(aws, records);
  const context = changeContext(aws);
  const requests = names.map((file_key) => ({ date_prefix: DATE, file_key, new_status: 'quarantined' }));
  const plan = await planOf(context, requests);
  let seconds = 0;
  // Each file waits for its second; the first thirty of them are those of preparing.
  const sleep = async () => {
    seconds += 1;
    if (seconds === 33) await closeChange(context, 'c1', changeRequest('c2'));
  };
  const run = applyPlan({ ...context, sleep }, plan, changeRequest('c1'), {
    maxChanges: 30,
    concurrency: 1,
    ratePerSecond: 1,
  });
  await expect(run).rejects.toMatchObject({ code: 'CHANGE_CLOSED' });
  const after = await scanRaw(aws);
  const written = names.filter((name) => after[name]?.status?.S !== 'failed#1');
  expect(written.length).toBeGreaterThan(1);
  expect(written.length).toBeLessThan(10);
  const untouched = records.filter(({ file_key }) => !written.includes(file_key?.S ?? ''));
  for (const record of untouched) expect(after[record.file_key?.S ?? '']).toEqual(record);
});
