import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { applyPlan, applyStoredPlan, resumeChange } from '../../../shared/changes/apply.ts';
import { isSamePerson } from '../../../shared/changes/approval.ts';
import type { ApprovalRule } from '../../../shared/changes/approval-rule.ts';
import { type Approval, listApprovals, putApproval } from '../../../shared/changes/approval-table.ts';
import type { Actor } from '../../../shared/changes/change.ts';
import { createUpkeep, readChange, requireListed } from '../../../shared/changes/change-table.ts';
import type { ChangeDeps } from '../../../shared/changes/context.ts';
import type { Plan } from '../../../shared/changes/plan.ts';
import type { StoredPlan } from '../../../shared/changes/plan-table.ts';
import { beginPlan, planNamed } from '../../../shared/changes/planning.ts';
import { undoChange } from '../../../shared/changes/undo.ts';
import { isoTime } from '../../../shared/text/time.ts';
import {
  CHANGED_AT,
  changeContext,
  changeRequest,
  FIELD_FILES,
  keyOf,
  planReset,
  putRaw,
  scanRaw,
  UNTOUCHED,
} from '../../support/changes.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';

const RULE: ApprovalRule = {
  ...{ aboveFiles: 3, forced: false, healing: true, hours: 24 },
  ...{ environment: 'prod', policy: 'functions-approve-prod' },
};
const person = (name: string, role = 'Approvers', id = 'AROAAPPROVERS'): Approval['approver'] => ({
  identity: `arn:aws:sts::123456789012:assumed-role/${role}/${name}`,
  source: 'sts',
  user_id: `${id}:${name}`,
});
const BOB = person('bob');
const HOUR = 3_600_000;
const allowed = { maxChanges: 10, planWords: ['plan.ndjson'] };

let aws: LocalAws;
let context: ChangeDeps;

beforeEach(async () => {
  aws = await localAws();
  context = { ...changeContext(aws), approval: RULE };
  await putRaw(aws, [...FIELD_FILES, UNTOUCHED]);
});

function approve(plan: Pick<Plan, 'digest' | 'files'>, given: Partial<Approval> = {}): Promise<void> {
  const { digest, files } = plan;
  const about = { digest, files, table: aws.trackingTable, at: isoTime(CHANGED_AT) };
  return putApproval(context.projection, { ...about, approver: BOB, reason: 'looked through', ...given });
}

const tables = async () => [await scanRaw(aws), await scanRaw(aws, aws.projectionTable)];

test('a plan of more files than the settings allow is applied only with an approval, which is in the audit', async () => {
  const plan = await planReset(context);
  const before = await tables();
  await expect(applyPlan(context, plan, changeRequest('c1'), allowed)).rejects.toMatchObject({
    code: 'NOT_APPROVED',
    message:
      'This needs approval, since it changes 4 files, and more than 3 need approval. Nothing was written.',
    hint: expect.stringMatching(
      /somebody who has the policy functions-approve-prod .* 1d.*npx tsx runbooks\/approve\.ts plan\.ndjson --env prod$/,
    ),
  });
  expect(await tables()).toEqual(before);
  await approve(plan);
  const change = await applyPlan(context, plan, changeRequest('c1'), allowed);
  expect(change).toMatchObject({
    ...{ state: 'done', counts: { applied: 4 }, actor: changeRequest('c1').actor },
    approvedBy: [{ ...BOB, at: '2026-11-23T06:00:00.000Z', reason: 'looked through' }],
  });
  expect((await scanRaw(aws))['untouched.ndjson']).toEqual(UNTOUCHED);
  expect(await readChange(context.projection, 'c1')).toEqual(change);
});

test.each<[string, Partial<Approval>, RegExp]>([
  ['of another plan', { digest: '0'.repeat(64) }, /Nothing was written\.$/],
  [
    'for another table',
    { table: 'other' },
    /The approval by .*bob does not count: it is for the table other/,
  ],
  ['that is too old', { at: isoTime(CHANGED_AT - 25 * HOUR) }, /it was given 1d 1h ago/],
  ['of the future', { at: isoTime(CHANGED_AT + HOUR) }, /which is in the future/],
  [
    'by who applies it',
    { approver: person('alice', 'Ops', 'AROAOPS') },
    /whoever applies it cannot approve it/,
  ],
  ['by the same name in another role', { approver: person('Alice') }, /whoever applies it cannot approve it/],
  ['by another session of the same role', { approver: person('x', 'Ops', 'AROAX') }, /cannot approve it/],
])('an approval %s does not count', async (_, given, message) => {
  const plan = await planReset(context);
  await approve(plan, given);
  const before = await tables();
  await expect(applyPlan(context, plan, changeRequest('c1'), allowed)).rejects.toMatchObject({
    code: 'NOT_APPROVED',
    message: expect.stringMatching(message),
  });
  expect(await tables()).toEqual(before);
  await approve(plan);
  expect(await applyPlan(context, plan, changeRequest('c1'), allowed)).toMatchObject({ state: 'done' });
});

test('a plan is not applied if only the machine says who applies it, even if it was approved', async () => {
  const plan = await planReset(context);
  await approve(plan);
  const before = await tables();
  const bob: Actor = { identity: 'bob', source: 'operating system' };
  await expect(
    applyPlan(context, plan, { ...changeRequest('c1'), actor: bob }, allowed),
  ).rejects.toMatchObject({ code: 'NOT_ALLOWED', message: expect.stringContaining('STS did not answer') });
  expect(await tables()).toEqual(before);
  const local = { ...changeRequest('c1'), actor: { ...bob, identity: 'eve', user_id: 'eve' } };
  expect(await applyPlan(context, plan, local, allowed)).toMatchObject({ state: 'done' });
});

test('a list of approvals proves nothing: each is read where only its approver can write', async () => {
  const plan = await planReset(context);
  await aws.documents.send(
    new PutCommand({
      TableName: aws.projectionTable,
      Item: { pk: 'APPROVALS', sk: `${plan.digest}#${BOB.user_id}` },
    }),
  );
  expect(await listApprovals(context.projection, plan.digest)).toEqual([]);
  // Whatever an approval says of itself, it is by whom its partition is named after.
  const Item = { pk: 'APPROVAL#AROAOPS:alice', sk: plan.digest, ...BOB };
  await aws.documents.send(new PutCommand({ TableName: aws.projectionTable, Item }));
  const listed = { pk: 'APPROVALS', sk: `${plan.digest}#AROAOPS:alice` };
  await aws.documents.send(new PutCommand({ TableName: aws.projectionTable, Item: listed }));
  expect(await listApprovals(context.projection, plan.digest)).toMatchObject([
    { approver: { user_id: 'AROAOPS:alice' } },
  ]);
  await expect(applyPlan(context, plan, changeRequest('c1'), allowed)).rejects.toMatchObject({
    code: 'NOT_APPROVED',
  });
});

test('forced changes need one where the settings say so, however few they are', async () => {
  const forcedOnly = { ...context, approval: { ...RULE, aboveFiles: undefined, forced: true } };
  const plan = await planReset(context);
  const entries = [...(plan.entries() as Iterable<{ forced?: true }>)];
  const byForce = entries.filter(({ forced }) => forced).length;
  expect(plan.forced).toBe(byForce);
  const needed = { ...plan, forced: 1 };
  await expect(applyPlan(forcedOnly, needed, changeRequest('c1'), allowed)).rejects.toMatchObject({
    message: expect.stringContaining('since it includes 1 forced change'),
  });
  const usual = { ...plan, forced: 0 };
  expect(await applyPlan(forcedOnly, usual, changeRequest('c1'), allowed)).toMatchObject({ state: 'done' });
});

test('a change that was approved is resumed without a second approval, and when the first is old', async () => {
  const plan = await planReset(context);
  await approve(plan);
  const controller = new AbortController();
  const stop = { ...allowed, concurrency: 1, signal: controller.signal, onFile: () => controller.abort() };
  const stopped = await applyPlan(context, plan, changeRequest('c1'), stop);
  expect(stopped.state).toBe('stopped');
  const later = { ...context, now: CHANGED_AT + 48 * HOUR };
  expect(await applyPlan(later, plan, changeRequest('c1'), allowed)).toMatchObject({
    state: 'done',
    approvedBy: [BOB],
  });
});

const CAROL: Actor = person('carol', 'Planners', 'AROAPLANNERS');

/** Kept as `plan_change` keeps it, by Carol. */
async function storedPlan(): Promise<StoredPlan> {
  const begun = { id: '20261123T060000000Z-1a', actor: CAROL, origin: 'plan_change' };
  const target = { new_status: 'pending', force: true };
  const files = FIELD_FILES.map((record) => ({ ...keyOf(record), ...target }));
  return planNamed(context, await beginPlan(context, begun, { ...target, rate: 100 }), files);
}

test('a note of upkeep is shown, and is no change that was begun: none is applied or resumed because of it', async () => {
  const { id, digest } = await storedPlan();
  const about = { origin: 'plan_change', createdAt: isoTime(CHANGED_AT), table: aws.trackingTable };
  const note = { ...changeRequest(id), ...about, state: 'preparing', files: 4, digest, planId: id } as const;
  await createUpkeep(context.projection, note);
  const before = await tables();
  await expect(
    applyStoredPlan(context, { planId: id, digest }, changeRequest('ignored'), {}),
  ).rejects.toMatchObject({ code: 'NOT_APPROVED' });
  await expect(resumeChange(context, id, CAROL, {})).rejects.toMatchObject({ code: 'CHANGE_NOT_FOUND' });
  expect(await tables()).toEqual(before);
  expect(await requireListed(context, id)).toEqual(note);
});

test('whoever made a stored plan cannot approve it, and is named in the audit of the change', async () => {
  const made = await storedPlan();
  const choice = { planId: made.id, digest: made.digest };
  const apply = () => applyStoredPlan(context, choice, changeRequest('ignored'), {});
  await approve(made, { approver: person('carol') });
  await expect(apply()).rejects.toMatchObject({
    message: expect.stringContaining('whoever planned it cannot approve it'),
    hint: expect.stringContaining(`npx tsx runbooks/approve.ts ${made.id} --env prod`),
  });
  await approve(made);
  expect(await apply()).toMatchObject({ state: 'done', plannedBy: CAROL, approvedBy: [BOB] });
  expect((await scanRaw(aws))['untouched.ndjson']).toEqual(UNTOUCHED);
});

test('an undo needs no approval, and undoing a large undo needs a plan', async () => {
  const plan = await planReset(context);
  await approve(plan);
  await applyPlan(context, plan, changeRequest('c1'), allowed);
  const undone = await undoChange(context, 'c1', changeRequest('c2'), allowed);
  expect(undone).toMatchObject({ state: 'done', counts: { applied: 4 } });
  const before = await tables();
  await expect(undoChange(context, 'c2', changeRequest('c3'), allowed)).rejects.toMatchObject({
    code: 'NOT_APPROVED',
    message: expect.stringContaining('The change c2 is an undo.'),
  });
  expect(await tables()).toEqual(before);
});

test('undoing the undo of a forced change needs a plan, if the settings say so', async () => {
  const forcedOnly = { ...context, approval: { ...RULE, aboveFiles: undefined, forced: true } };
  const plan = await planReset(context);
  expect(plan.forced).toBe(4);
  await approve(plan);
  await applyPlan(forcedOnly, plan, changeRequest('c1'), allowed);
  await undoChange(forcedOnly, 'c1', changeRequest('c2'), allowed);
  const before = await tables();
  await expect(undoChange(forcedOnly, 'c2', changeRequest('c3'), allowed)).rejects.toMatchObject({
    code: 'NOT_APPROVED',
    message: expect.stringContaining('since it includes 4 forced changes'),
  });
  expect(await tables()).toEqual(before);
});

test.each<[Actor, Actor, boolean]>([
  [BOB, person('alice'), true],
  [BOB, person('alice', 'Ops', 'AROAOPS'), false],
  [BOB, person('BOB', 'Ops', 'AROAOPS'), true],
  [BOB, { identity: 'arn:aws:iam::123456789012:user/team/bob', source: 'sts', user_id: 'AIDABOB' }, true],
  [BOB, { identity: 'arn:aws:iam::123456789012:user/carol', source: 'sts', user_id: 'AIDACAROL' }, false],
  [BOB, { identity: 'bob', source: 'operating system' }, false],
  [BOB, { identity: 'bob (as stated), invoked through arn:aws:lambda:f', source: 'lambda' }, true],
  [BOB, { identity: 'invoked through arn:aws:lambda:f', source: 'lambda' }, false],
])('%j and %j may be one person: %s', (one, other, expected) => {
  expect(isSamePerson(one, other)).toBe(expected);
  expect(isSamePerson(other, one)).toBe(expected);
});
