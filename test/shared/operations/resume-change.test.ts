import { beforeAll, expect, test } from 'vitest';
import { applyPlan } from '../../../shared/changes/apply.ts';
import { undoChange } from '../../../shared/changes/undo.ts';
import {
  changeContext,
  changeRequest,
  dyingClient,
  FIELD_FILES,
  planReset,
  putRaw,
  scanRaw,
  UNTOUCHED,
} from '../../support/changes.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';

let aws: LocalAws;
const allowed = { maxChanges: 10, concurrency: 1 };

beforeAll(async () => {
  aws = await localAws();
});

const resume = (change_id: string) => ask(operationDeps(aws), { operation: 'resume_change', change_id });

/** A reset that is killed at a write of its own. */
async function cutOff(id: string, write: number): Promise<void> {
  await putRaw(aws, [...FIELD_FILES, UNTOUCHED]);
  const { client } = await dyingClient(aws, write, false);
  const context = changeContext(aws, undefined, client);
  await applyPlan(context, await planReset(context), changeRequest(id), allowed).catch(() => undefined);
}

test('a change that was cut off is finished, and is then done', async () => {
  await cutOff('20261123T060000000Z-cut', 9);
  const answer = await resume('20261123T060000000Z-cut');
  expect(answer).toMatchObject({
    change_id: '20261123T060000000Z-cut',
    state: 'done',
    counts: { applied: 4 },
  });
  expect(answer.resumed_by).toMatchObject([{ source: 'sts' }]);
  const { pickup, ...ended } = answer;
  expect(pickup).toMatchObject({ dates: [{ files: 4, waits_for: expect.any(String) }] });
  const { hint, ...again } = await resume('20261123T060000000Z-cut');
  expect(again).toEqual(ended);
  expect(hint).toMatch(/^It was applied already, .* Nothing was written now\.$/);
  const records = await scanRaw(aws);
  expect(records['plain.ndjson']).toMatchObject({ status: { S: 'pending' }, reset_count: { N: '3' } });
  expect(records['untouched.ndjson']).toEqual(UNTOUCHED);
});

test('a change that was cut off before any file was touched has to be made again', async () => {
  await cutOff('20261123T060000000Z-early', 3);
  expect(await resume('20261123T060000000Z-early')).toMatchObject({
    statusCode: 409,
    error: { code: 'PLAN_NEEDED' },
  });
});

test('a change that was undone does not go on', async () => {
  await cutOff('20261123T060000000Z-undone', 9);
  await undoChange(changeContext(aws), '20261123T060000000Z-undone', changeRequest('undo'), allowed);
  expect(await resume('20261123T060000000Z-undone')).toMatchObject({
    statusCode: 409,
    error: { code: 'CHANGE_CLOSED' },
  });
});

test('an id that no change has is a 404', async () => {
  expect(await resume('20261123T060000000Z-unknown')).toMatchObject({
    statusCode: 404,
    error: { code: 'CHANGE_NOT_FOUND' },
  });
});
