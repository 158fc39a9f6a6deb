import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from 'vitest';
import { readDateFindings } from '../../../shared/data-proof/kept-proof.ts';
import { type NightlyDeps, rowsTonight, verifyNightly } from '../../../shared/data-proof/nightly.ts';
import {
  closeVerification,
  isOverdue,
  openVerification,
  readOpenVerification,
  saveOpenVerification,
} from '../../../shared/data-proof/open-verification.ts';
import { outputPlaces } from '../../../shared/data-proof/read-outputs.ts';
import { VERIFY_START } from '../../../shared/data-proof/verify-page.ts';
import { dayOf, isoTime } from '../../../shared/text/time.ts';
import { faultyDynamo, Killed } from '../../support/faulty-dynamo.ts';
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
    open: { since: tonight, touched: tonight, parts: [] },
    publish: () => undefined,
  };
  return { ...given, deps };
}

/** The same date some time later, as another audit verifies it. */
function after(deps: NightlyDeps, millis: number): NightlyDeps {
  const now = deps.now + millis;
  return { ...deps, now, open: { since: now, touched: now, parts: [] } };
}

/** Aborted once all output is read and some pages are compared. */
function abortedAfter(pages: number, deps: NightlyDeps): AbortSignal {
  const steps = outputPlaces(deps.date, deps).length + pages;
  let looks = 0;
  const signal = new AbortController().signal;
  return Object.defineProperty(signal, 'aborted', { get: () => ++looks > steps });
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
  expect(await verifyNightly(after(deps, 1_000))).toMatchObject({
    newFindings: 0,
    found: { lost: 1 },
  });
  await job([['well.ndjson', 3]]);
  expect(await verifyNightly(after(deps, DAY))).toMatchObject({
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
  expect(data.map(({ file_key }) => file_key)).toEqual(['unknown.ndjson']);
  expect((await projected()).filter(({ pk }) => pk === 'NOTED')).toEqual([]);
  expect(await verifyNightly(after(deps, DAY))).toMatchObject({
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
  expect(await verifyNightly(after(deps, 2 * DAY))).toMatchObject({
    found: { lost: 1, elsewhere: 0 },
    newFindings: 2,
  });
});

test('a night without any time proves and reports nothing', async () => {
  const { completed, deps, job, projected } = await scene();
  await completed('well.ndjson');
  await job([['well.ndjson', 3]]);
  const signal = AbortSignal.abort();
  expect(await verifyNightly({ ...deps, signal })).toMatchObject({ proof: undefined, newFindings: 0 });
  expect((await projected()).map(({ sk }) => sk)).toEqual([`rows#${deps.date}`]);
});

test('a comparison that does not fit into one invocation continues in the next, and the result is that of one', async () => {
  const { completed, deps, job } = await scene();
  const { projection, date, now } = deps;
  const unknown = Array.from({ length: 1_100 }, (_, i) => `${String(i).padStart(4, '0')}.ndjson`);
  for (const name of ['lost.ndjson', 'well.ndjson']) await completed(name);
  await job([...unknown, 'well.ndjson'].map((name) => [name, 1]));
  const other = await openVerification(projection, '2026-01-01', now);

  expect(await verifyNightly({ ...deps, signal: abortedAfter(1, deps) })).toMatchObject({ proof: undefined });
  expect((await readDateFindings(projection, date)).proof).toBeUndefined();
  const open = await readOpenVerification(projection, date, now + DAY / 96);
  if (!open) throw new Error('nothing was stored');
  expect(open).toMatchObject({ since: now, compare: { after: '0999.ndjson' } });
  expect(open.parts.length).toBeGreaterThan(1);

  // It would no longer be found if it were compared again.
  await completed('0000.ndjson');
  expect(await verifyNightly({ ...deps, now: now + DAY / 96, open })).toMatchObject({
    found: { unexpected: 1_100, lost: 1 },
    newFindings: 1_101,
    proof: { at: now, until: now - deps.graceMillis, rows: 1_101, files: { present: 1, lost: 1 } },
  });
  expect((await readDateFindings(projection, date)).findings.size).toBe(1_101);
  await closeVerification(projection, date, { ...open, since: now - 1 });
  expect(await readOpenVerification(projection, date, now + DAY / 96)).toEqual(open);
  await closeVerification(projection, date, open);
  expect(await readOpenVerification(projection, date, now)).toBeUndefined();
  expect(await readOpenVerification(projection, '2026-01-01', now)).toEqual(other);
});

test('two runs that verify one date at once lose no finding, and repeat none', async () => {
  const { completed, deps, job, projected } = await scene();
  const { projection, date, now } = deps;
  const unknown = Array.from({ length: 25 }, (_, i) => `${String(i).padStart(4, '0')}.ndjson`);
  await completed('well.ndjson');
  await job([...unknown, 'well.ndjson'].map((name) => [name, 1]));
  const open = await openVerification(projection, date, now);
  const inSteps = { ...deps, keysPerPage: 10, open };
  const first = { ...inSteps, random: () => 0.1, signal: abortedAfter(1, deps) };
  const second = { ...inSteps, random: () => 0.2, signal: abortedAfter(2, deps) };
  await verifyNightly(first);
  await verifyNightly(second);
  const next = await readOpenVerification(projection, date, now);
  // The first one counts; what the other one found is found again.
  expect(next).toMatchObject({ compare: { after: '0009.ndjson' }, parts: [expect.any(String)] });
  if (next) expect(await verifyNightly({ ...deps, open: next })).toMatchObject({ found: { unexpected: 25 } });
  const stored = (await projected())
    .filter(({ pk }) => pk === `DATA#${date}`)
    .map(({ file_key }) => file_key);
  expect(stored.sort()).toEqual(unknown);
});

test('sources that may be spelled in several ways are compared in steps, too, and none of them twice', async () => {
  const { completed, job, ...rest } = await scene();
  const deps = { ...rest.deps, keysPerPage: 100 };
  const unknown = Array.from({ length: 110 }, (_, i) => `${String(i).padStart(4, '0')} (1).ndjson`);
  await completed('well.ndjson');
  await job([...unknown, 'well.ndjson'].map((name) => [name, 1]));
  // A page of records, and the first of these sources.
  expect(await verifyNightly({ ...deps, signal: abortedAfter(2, deps) })).toMatchObject({ proof: undefined });
  const open = await readOpenVerification(deps.projection, deps.date, deps.now);
  if (!open) throw new Error('nothing was stored');
  expect(open.compare?.totals.files.unexpected).toBe(100);
  expect(await verifyNightly({ ...deps, open })).toMatchObject({
    found: { unexpected: 110 },
    proof: { files: { present: 1, unexpected: 110 } },
  });
});

test('what was known stays known, and what is new stays new, if a verification is interrupted while it is stored', async () => {
  const { aws, completed, deps, job, projected } = await scene();
  const { projection, date } = deps;
  for (const name of ['lost-1.ndjson', 'lost-2.ndjson', 'lost-3.ndjson', 'well.ndjson'])
    await completed(name);
  await job([['well.ndjson', 2]]);
  const other = { pk: 'DATA#2026-01-01', sk: 'lost-1.ndjson', type: 'lost', at: 1 };
  await aws.documents.send(new PutCommand({ TableName: aws.projectionTable, Item: other }));
  expect(await verifyNightly(deps)).toMatchObject({ newFindings: 3 });
  await completed('lost-0.ndjson');

  // Only the proof itself, after the note of a lost file and four findings.
  let puts = 0;
  const isLast = (command: string) => command === 'PutItemCommand' && ++puts > 5;
  const { docs } = await faultyDynamo(aws, (_, command) => (isLast(command) ? new Killed() : undefined));
  const tonight = after(deps, DAY);
  const published: number[] = [];
  const publish: NightlyDeps['publish'] = ({ newFindings }) => void published.push(newFindings);
  const dying = { ...tonight, publish, projection: { ...projection, docs } };
  await expect(verifyNightly(dying)).rejects.toThrow(Killed);
  expect(published).toEqual([1]);
  const replaced = (await projected()).filter(({ pk, at }) => pk === `DATA#${date}` && at === tonight.now);
  expect(replaced).toHaveLength(4);

  expect(await verifyNightly(after(deps, DAY + 60_000))).toMatchObject({
    found: { lost: 4 },
    newFindings: 1,
  });
  const noted = (await projected()).filter(({ pk }) => pk === 'NOTED').map((item) => JSON.parse(item.noted));
  expect(noted.map(({ files }) => files).sort()).toEqual([1, 3]);
  expect(await verifyNightly(after(deps, DAY + 120_000))).toMatchObject({ newFindings: 0 });
  expect((await projected()).filter(({ pk }) => pk === other.pk)).toEqual([other]);
});

test('the result of a verification does not replace that of one that began later', async () => {
  const { completed, deps, job } = await scene();
  await completed('lost.ndjson');
  await completed('well.ndjson');
  await job([['well.ndjson', 2]]);
  await verifyNightly(after(deps, 60_000));
  await verifyNightly(deps);
  const { proof, findings } = await readDateFindings(deps.projection, deps.date);
  expect(proof?.at).toBe(deps.now + 60_000);
  expect([...findings.keys()]).toEqual(['lost.ndjson']);
});

test('a verification is given up after some hours, and one that an audit left does not stop that of the next night', async () => {
  const { deps } = await scene();
  const { projection, date, now } = deps;
  const open = await openVerification(projection, date, now);
  expect([now + DAY / 5, now + DAY / 3].map((later) => isOverdue(open, later))).toEqual([false, true]);
  const readAfter = (millis: number) => readOpenVerification(projection, date, now + millis);
  expect(await readAfter(0.03 * DAY)).toEqual(open);
  // What nobody continues does not stand in the way of an audit that somebody asks for.
  expect(await readAfter(0.05 * DAY)).toBeUndefined();
  const progress = { compare: VERIFY_START, findings: [] };
  await saveOpenVerification(projection, date, open, progress, { now: now + 0.29 * DAY, random: () => 0.5 });
  expect(await readAfter(0.3 * DAY)).toMatchObject({ since: now });
  expect(await readAfter(0.34 * DAY)).toBeUndefined();
});

test('a date of more files than fit into memory is not verified', async () => {
  const { aws, deps } = await scene();
  const { date, now } = deps;
  const Item = { pk: `STATS#${date}`, sk: '0', file_completed: 2, file_failed: 1 };
  await aws.documents.send(new PutCommand({ TableName: aws.projectionTable, Item }));
  expect(await rowsTonight(deps, date, now)).toBe('verified');
  expect(await rowsTonight(deps, date, now, 3)).toBe('verified');
  expect(await rowsTonight(deps, date, now, 2)).toBe('too many files');
  expect(await rowsTonight(deps, date, now + 9 * DAY, 2)).toBe('not due');
});

test('dates that are too old, or still to come, are left alone', async () => {
  const { deps } = await scene();
  const on = (millis: number) => ({ ...deps, date: isoTime(deps.now + millis).slice(0, 10) });
  expect(await verifyNightly(on(-9 * DAY))).toBeUndefined();
  expect(await verifyNightly(on(DAY))).toBeUndefined();
  expect(await verifyNightly({ ...deps, date: '4711-00-01' })).toBeUndefined();
  const profile = { ...deps.profile, data_proof: { days: 0, sample_files: 300 } };
  expect(await verifyNightly({ ...deps, profile })).toBeUndefined();
  expect(await rowsTonight({ ...deps, profile }, deps.date, deps.now)).toBe('not due');
});
