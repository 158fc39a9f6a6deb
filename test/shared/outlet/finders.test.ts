import { beforeEach, expect, test } from 'vitest';
import { applyPlan } from '../../../shared/changes/apply.ts';
import { undoChange } from '../../../shared/changes/undo.ts';
import { keepProof, proofOf } from '../../../shared/data-proof/kept-proof.ts';
import { proofKeeper } from '../../../shared/orphans/keep-proofs.ts';
import { forgetNoted, readNoted } from '../../../shared/reports/noted.ts';
import {
  changeContext,
  changeRequest,
  FIELD_FILES,
  planReset,
  putRaw,
  scanRaw,
  UNTOUCHED,
} from '../../support/changes.ts';
import { faultyDynamo, Killed } from '../../support/faulty-dynamo.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';
import { verifiedDate } from '../../support/verified-date.ts';

const OPTIONS = { maxChanges: 100 };
let aws: LocalAws;

beforeEach(async () => {
  aws = await localAws();
});

const projection = (of = aws) => ({ docs: of.documents, name: of.projectionTable });
const noted = async (of = aws) => (await readNoted(projection(of), 100)).map((item) => item.noted);

test('a change and its undo are noted when they are done', async () => {
  await putRaw(aws, [...FIELD_FILES, UNTOUCHED]);
  const context = changeContext(aws);
  const plan = await planReset(context);
  await applyPlan(context, plan, changeRequest('20261123T060000000Z-1a'), OPTIONS);
  await undoChange(context, '20261123T060000000Z-1a', changeRequest('20261123T060100000Z-2b'), OPTIONS);
  expect(await noted()).toEqual([
    { kind: 'change', change_id: '20261123T060000000Z-1a' },
    { kind: 'change', change_id: '20261123T060100000Z-2b' },
  ]);
  expect((await scanRaw(aws))['untouched.ndjson']).toEqual(UNTOUCHED);
});

test('an interrupted change is noted once it was resumed and is done', async () => {
  await putRaw(aws, FIELD_FILES);
  const context = changeContext(aws);
  const plan = await planReset(context);
  const request = changeRequest('20261123T060000000Z-1a');
  const cut = new AbortController();
  const onFile = () => cut.abort();
  await applyPlan(context, plan, request, { ...OPTIONS, concurrency: 1, signal: cut.signal, onFile });
  expect(await noted()).toEqual([]);
  await applyPlan(context, plan, request, OPTIONS);
  expect(await noted()).toHaveLength(1);
});

test('files that the rows prove lost are noted once, before they are kept', async () => {
  const { aws: own, completed, job, verify, now } = await verifiedDate();
  await completed('lost.ndjson');
  await completed('well.ndjson');
  await job([['well.ndjson', 2]]);
  const { given, state, findings } = await verify();
  const keep = (table = projection(own), at = now) =>
    keepProof(table, proofOf({ ...given, now: at }, state), findings, 2_000_000_000);
  const { docs } = await faultyDynamo(own, (attempt) => (attempt > 3 ? new Killed() : undefined));
  await expect(keep({ ...projection(own), docs })).rejects.toThrow(Killed);
  const lost = {
    ...{ kind: 'lost', date_prefix: '2026-11-23', by: 'rows', files: 1, samples: ['lost.ndjson'] },
  };
  expect(await noted(own)).toEqual([lost]);
  await keep();
  expect(await noted(own)).toEqual([lost]);
  for (const item of await readNoted(projection(own), 100)) await forgetNoted(projection(own), item);
  await keep(projection(own), now + 1);
  expect(await noted(own)).toEqual([]);
});

const ids = async (of = aws) => (await readNoted(projection(of), 100)).map(({ id }) => id);

test('files that the rows prove lost on two occasions are noted under two ids, and under one on the same occasion', async () => {
  const { aws: own, completed, job, verify, now } = await verifiedDate();
  await completed('lost.ndjson');
  await completed('well.ndjson');
  await job([['well.ndjson', 2]]);
  const { given, state, findings } = await verify();
  const keep = (at: number, found = findings, table = projection(own)) =>
    keepProof(table, proofOf({ ...given, now: at }, state), found, 2_000_000_000);
  const interrupted = async (at: number) => {
    const { docs } = await faultyDynamo(own, (attempt) => (attempt > 3 ? new Killed() : undefined));
    await expect(keep(at, findings, { ...projection(own), docs })).rejects.toThrow(Killed);
  };
  await interrupted(now);
  expect(await ids(own)).toHaveLength(1);
  // It is verified again from its beginning.
  await keep(now + 1);
  expect(await ids(own)).toHaveLength(1);
  await keep(now + 2, []);
  await keep(now + 3);
  expect(await ids(own)).toHaveLength(2);
});

test('files that a sweep proves lost on two occasions are noted under two ids, and under one on the same occasion', async () => {
  const file = (file_key: string, check: number, completedAt = '1') => ({
    ...{ date_prefix: '2026-11-23', file_key, version: JSON.stringify(['completed', completedAt, null]) },
    ...{ kind: 'outputs_missing', cause: 'no_output', seen: 'no report', at: 0, check },
  });
  const keepFrom = (table = projection()) =>
    proofKeeper({ projection: table, profile: FIELD_PROFILE, now: Date.now() });
  const keep = (...lost: ReturnType<typeof file>[]) => keepFrom()({ converted: [], found: [], lost });
  const { docs } = await faultyDynamo(aws, (attempt) => (attempt > 2 ? new Killed() : undefined));
  const lost = [file('a', 1), file('b', 1)];
  const dying = keepFrom({ ...projection(), docs })({ converted: [], found: [], lost });
  await expect(dying).rejects.toThrow(Killed);
  expect(await ids()).toHaveLength(1);
  await keep(file('b', 1), file('a', 1));
  expect(await ids()).toHaveLength(1);
  // They were reset, and are lost again.
  await keep(file('a', 2, '2'), file('b', 2, '2'));
  expect(await ids()).toHaveLength(2);
  // They were reset, and an undo has made them what they were.
  const found = ['a', 'b'].map((file_key) => ({ date_prefix: '2026-11-23', file_key }));
  await keepFrom()({ converted: [], found, lost: [] });
  await keep(file('a', 4, '2'), file('b', 4, '2'));
  expect(await ids()).toHaveLength(3);
});

test('files that a sweep proves lost are noted once, and again when their record has changed', async () => {
  const keep = proofKeeper({ projection: projection(), profile: FIELD_PROFILE, now: Date.now() });
  const of = (status: string, time: string) => JSON.stringify([status, time, null]);
  const file = (file_key: string, version = of('completed', '1')) => ({
    ...{ date_prefix: '2026-11-23', file_key, version, kind: 'outputs_missing', cause: 'no_output' },
    ...{ seen: 'no report', at: 0, check: 1 },
  });
  // What is stuck in flight is remembered with the lost files, but is not lost.
  const lost = [file('a'), file('b'), file('slow', of('processing', '1'))];
  await keep({ converted: [], found: [], lost });
  await keep({ converted: [], found: [], lost });
  expect(await noted()).toEqual([
    { kind: 'lost', date_prefix: '2026-11-23', by: 'evidence', files: 2, samples: ['a', 'b'] },
  ]);
  await keep({ converted: [], found: [], lost: [file('a'), file('b', of('completed', '2'))] });
  expect(await noted()).toContainEqual(expect.objectContaining({ files: 1, samples: ['b'] }));
});
