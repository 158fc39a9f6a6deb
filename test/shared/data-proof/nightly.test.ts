import { expect, test } from 'vitest';
import { type NightlyDeps, verifyNightly } from '../../../shared/data-proof/nightly.ts';
import { dayOf, isoTime } from '../../../shared/text/time.ts';
import { localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';
import { verifiedDate } from '../../support/verified-date.ts';

const DAY = 86_400_000;

/** A date of yesterday, verified tonight. */
async function scene() {
  const date = dayOf(Date.now());
  const given = await verifiedDate(await localAws(), date);
  const tonight = Date.parse(`${date}T00:00:00Z`) + DAY + 3.5 * 3_600_000;
  const deps: NightlyDeps = {
    ...operationDeps(given.aws, tonight),
    date,
    graceMillis: 900_000,
    random: () => 0.5,
    signal: new AbortController().signal,
  };
  return { ...given, deps };
}

test("each night reports what is new, and counts the lines of a sample of yesterday's files", async () => {
  const { completed, deps, input, job } = await scene();
  for (const name of ['well.ndjson', 'short.ndjson']) {
    await input(name, 3);
    await completed(name);
  }
  await completed('lost.ndjson');
  await job([
    ['well.ndjson', 3],
    ['short.ndjson', 2],
  ]);
  const first = await verifyNightly(deps);
  expect(first).toMatchObject({
    found: { lost: 1, twice: 0, partly: 1, unexpected: 0 },
    newFindings: 2,
    proof: { compared: { files: 2, short: 1 }, rows: 5 },
  });
  expect(await verifyNightly({ ...deps, now: deps.now + 1_000 })).toMatchObject({
    newFindings: 0,
    found: { lost: 1 },
  });
  await job([['well.ndjson', 3]]);
  expect(await verifyNightly({ ...deps, now: deps.now + DAY })).toMatchObject({
    newFindings: 1,
    found: { twice: 1, lost: 1, partly: 1 },
  });
});

test('where the output is elsewhere, the date is a finding, its files are not, and whether they have rows is unknown', async () => {
  const { aws, completed, deps, job, projected } = await scene();
  const names = Array.from({ length: 12 }, (_, i) => `${i}.ndjson`);
  for (const name of names) await completed(name);
  await job([
    ['0.ndjson', 2],
    ['unknown.ndjson', 1],
  ]);
  const elsewhere = { lost: 0, twice: 0, partly: 0, unexpected: 1, elsewhere: 1 };
  expect(await verifyNightly(deps)).toMatchObject({
    found: elsewhere,
    newFindings: 2,
    proof: { files: { lost: 11, present: 1 } },
  });
  const data = (await projected()).filter(({ pk }) => String(pk).startsWith('DATA#'));
  expect(data.map(({ sk }) => sk)).toEqual(['unknown.ndjson']);
  expect((await projected()).filter(({ pk }) => pk === 'NOTED')).toEqual([]);
  expect(await verifyNightly({ ...deps, now: deps.now + DAY })).toMatchObject({
    found: elsewhere,
    newFindings: 0,
  });
  const ops = operationDeps(aws, deps.now + DAY);
  for (const file_key of ['0.ndjson', '1.ndjson']) {
    expect(await ask(ops, { operation: 'explain_file', date_prefix: deps.date, file_key })).toMatchObject({
      rows: { is: 'unknown', is_certain: false, finding: null },
    });
  }
  await job(names.slice(0, 11).map((name) => [name, 2] as const));
  expect(await verifyNightly({ ...deps, now: deps.now + 2 * DAY })).toMatchObject({
    found: { lost: 1, elsewhere: 0 },
    newFindings: 2,
  });
});

test('a night without any time writes and reports nothing', async () => {
  const { completed, deps, job, projected } = await scene();
  await completed('well.ndjson');
  await job([['well.ndjson', 3]]);
  const signal = AbortSignal.abort();
  expect(await verifyNightly({ ...deps, signal })).toMatchObject({ proof: undefined, newFindings: 0 });
  expect(await projected()).toEqual([]);
});

test('dates that are too old, or still to come, are left alone', async () => {
  const { deps } = await scene();
  const on = (millis: number) => ({ ...deps, date: isoTime(deps.now + millis).slice(0, 10) });
  expect(await verifyNightly(on(-9 * DAY))).toBeUndefined();
  expect(await verifyNightly(on(DAY))).toBeUndefined();
  expect(await verifyNightly({ ...deps, date: '4711-00-01' })).toBeUndefined();
  const profile = { ...deps.profile, data_proof: { days: 0, sample_files: 300 } };
  expect(await verifyNightly({ ...deps, profile })).toBeUndefined();
});
