import { expect, test } from 'vitest';
import { applyPlan } from '../../../shared/changes/apply.ts';
import { closeChange } from '../../../shared/changes/close.ts';
import {
  changeContext,
  changeRequest,
  DATE,
  planOf,
  putRaw,
  rawFile,
  scanRaw,
} from '../../support/changes.ts';
import { localAws } from '../../support/local-aws.ts';

test('a change that is closed while it runs writes nothing more within seconds', async () => {
  const aws = await localAws();
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
