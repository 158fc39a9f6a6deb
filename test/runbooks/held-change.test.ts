import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import { createChange, readChange } from '../../shared/changes/change-table.ts';
import { closeChange } from '../../shared/changes/close.ts';
import type { OperationDeps } from '../../shared/operations/operation.ts';
import { changeRequest, DATE, putRaw, rawFile, scanRaw } from '../support/changes.ts';
import { openDoor } from '../support/door.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { ask, operationDeps } from '../support/operations.ts';
import { interruption, runRunbook } from '../support/runbook.ts';

const APPLY = ['--apply', '--yes', '--reason', 'test'];
let aws: LocalAws;
let deps: OperationDeps;

beforeEach(async () => {
  aws = await localAws();
  deps = operationDeps(aws, Date.now());
  const failed = { status: { S: 'failed#1' }, created_at: { S: `${DATE}T01:00:00Z` } };
  const names = ['a.ndjson', 'b.ndjson', 'c.ndjson'];
  await putRaw(aws, [
    ...names.map((name) => rawFile(name, failed)),
    rawFile('untouched.ndjson', { status: { S: 'processing#1' } }),
  ]);
});

async function busyUntil(id: string): Promise<number> {
  const { busyUntil: until } = (await readChange(deps.projection, id)) ?? {};
  return Date.parse(until ?? '') || 0;
}

test('while a runbook runs a change nothing else continues it, and once it has ended anything may', async () => {
  const request = { operation: 'plan_change', new_status: 'quarantined', status: 'failed' };
  const { plan_id, digest } = (await ask(deps, request)) as unknown as { plan_id: string; digest: string };
  const { interrupt, press } = interruption();
  // The outcome of the first file is never known here: the change waits.
  const args = ['--plan', plan_id, '--first', '1', '--within', '1h', ...APPLY];
  const running = runRunbook('batch-update', args, aws.environment, { interrupt });
  while ((await busyUntil(plan_id)) <= Date.now()) await sleep(200);
  const before = await scanRaw(aws);

  for (const [name, ...words] of [
    ['changes', plan_id, '--resume', ...APPLY],
    ['batch-update', '--plan', plan_id, ...APPLY],
  ] as const) {
    const { code, stderr } = await runRunbook(name, words, aws.environment);
    expect([code, stderr]).toEqual([1, expect.stringContaining('the state machine or a runbook runs it')]);
  }
  const now = { ...deps, now: Date.now() };
  for (const asked of [
    { operation: 'apply_plan', plan_id, digest, reason: 'test' },
    { operation: 'resume_change', change_id: plan_id },
  ]) {
    expect(await ask(now, asked)).toMatchObject({
      state: 'applying',
      hint: expect.stringContaining('itself'),
    });
  }
  expect(await scanRaw(aws)).toEqual(before);

  press();
  expect((await running).code).toBe(130);
  expect(await busyUntil(plan_id)).toBeLessThanOrEqual(Date.now());
  const resumed = await ask({ ...deps, now: Date.now() }, { operation: 'resume_change', change_id: plan_id });
  expect(resumed).toMatchObject({ state: 'stopped', resumed_by: [{ identity: deps.actor.identity }] });
}, 60_000);

test('a change that was closed when its last file was written says so, and prints only how to undo it', async () => {
  const id = '20261123T060000000Z-closed';
  const door = await openDoor(
    String(aws.environment.AWS_ENDPOINT_URL_DYNAMODB),
    async ({ command, body }) => {
      if (command === 'UpdateItem' && body.includes('":state":{"S":"done"}'))
        await closeChange(deps, id, changeRequest('closing'));
      return undefined;
    },
  );
  const args = ['--status', 'failed', '--new-status', 'quarantined', '--change-id', id, ...APPLY];
  const environment = { ...aws.environment, AWS_ENDPOINT_URL_DYNAMODB: door.url };
  const { code, stderr } = await runRunbook('batch-update', args, environment).finally(door.stop);
  expect(stderr).toContain('It was undone or closed while it was running');
  expect(stderr).toContain(`runbooks/undo.ts ${id}`);
  expect(stderr).not.toContain('--resume');
  expect(stderr).not.toContain('--close');
  expect(code).toBe(5);
  expect(await readChange(deps.projection, id)).toMatchObject({ state: 'closed' });
  const { 'untouched.ndjson': untouched, 'a.ndjson': written } = await scanRaw(aws);
  expect(untouched?.status).toEqual({ S: 'processing#1' });
  expect(written?.status).toEqual({ S: 'quarantined#1' });
});

test('a change that an error ends at its last step is named, with the commands that go on from there', async () => {
  const id = '20261123T060000000Z-broken';
  const door = await openDoor(String(aws.environment.AWS_ENDPOINT_URL_DYNAMODB), async ({ command, body }) =>
    command === 'UpdateItem' && body.includes('":state":{"S":"done"}') ? 'AccessDeniedException' : undefined,
  );
  const args = ['--status', 'failed', '--new-status', 'quarantined', '--change-id', id, ...APPLY];
  const environment = { ...aws.environment, AWS_ENDPOINT_URL_DYNAMODB: door.url };
  const { code, stderr } = await runRunbook('batch-update', args, environment).finally(door.stop);
  expect(code).toBe(4);
  expect(stderr).toContain(`An error ended this run of change ${id}.`);
  expect(stderr).toContain(`runbooks/changes.ts ${id} --resume`);
  expect((await scanRaw(aws))['untouched.ndjson']?.status).toEqual({ S: 'processing#1' });
  const resumed = await runRunbook('changes', [id, '--resume', ...APPLY], aws.environment);
  expect([resumed.code, resumed.stderr]).toEqual([0, expect.stringContaining('3 applied')]);
});

test('a change that is refused before it has begun is not named', async () => {
  const args = ['--status', 'failed', '--new-status', 'quarantined', '--max-changes', '1', ...APPLY];
  const before = await scanRaw(aws);
  const { code, stderr } = await runRunbook('batch-update', args, aws.environment);
  expect([code, stderr]).toEqual([3, expect.not.stringContaining('--resume')]);
  expect(await scanRaw(aws)).toEqual(before);
});

test('the command that undoes an interrupted change works as it is printed, under the limit that it names', async () => {
  const id = '20261123T060000000Z-halved';
  let written = 0;
  const door = await openDoor(
    String(aws.environment.AWS_ENDPOINT_URL_DYNAMODB),
    async ({ command, body }) => {
      if (command !== 'UpdateItem' || !body.includes(aws.trackingTable)) return undefined;
      written += 1;
      return written > 1 ? 'AccessDeniedException' : undefined;
    },
  );
  const before = await scanRaw(aws);
  const args = [
    '--status',
    'failed',
    '--new-status',
    'quarantined',
    '--change-id',
    id,
    '--rate',
    '1',
    ...APPLY,
  ];
  const environment = { ...aws.environment, AWS_ENDPOINT_URL_DYNAMODB: door.url };
  await runRunbook('batch-update', args, environment).finally(door.stop);
  const preview = await runRunbook('undo', [id, '--max-changes', '1'], aws.environment);
  expect(preview.stderr).toContain('1 of 1 file would be restored.');
  const [, command = ''] = /To undo it: .*npx tsx runbooks\/undo\.ts (.*)/.exec(preview.stderr) ?? [];
  expect(command).toBe(`${id} --max-changes 3 --apply --reason WHY`);
  const undone = await runRunbook('undo', [...command.split(' '), '--yes'], aws.environment);
  expect([undone.code, undone.stderr]).toEqual([0, expect.stringContaining('1 applied')]);
  for (const [name, { status }] of Object.entries(before))
    expect((await scanRaw(aws))[name]?.status).toEqual(status);

  const again = await runRunbook('undo', [id], aws.environment);
  expect(again.stderr).toContain('Nothing can be undone');
  expect(again.stderr).not.toContain('--apply');
}, 60_000);

test('what cannot be resumed or closed is told without a command that would be refused', async () => {
  const said = async (id: string, flag: string) =>
    (await runRunbook('changes', [id, flag], aws.environment)).stderr;
  const { projection } = deps;
  const about = { origin: 'test', table: aws.trackingTable, files: 3, digest: 'd' } as const;
  const make = (id: string, state: 'preparing' | 'done') =>
    createChange(projection, { ...changeRequest(id), ...about, state, createdAt: `${DATE}T06:00:00.000Z` });
  await make('20261123T060000000Z-done', 'done');
  await make('20261123T060000001Z-begun', 'preparing');
  for (const flag of ['--resume', '--close']) {
    const done = await said('20261123T060000000Z-done', flag);
    expect(done).toContain('It is done: nothing is left');
    expect(done).not.toContain('--apply');
  }
  const begun = await said('20261123T060000001Z-begun', '--resume');
  expect(begun).toContain('changed no file');
  expect(begun).toContain('runbooks/changes.ts 20261123T060000001Z-begun --close');
  expect(begun).not.toContain('--apply');
  const closed = await runRunbook(
    'changes',
    ['20261123T060000001Z-begun', '--close', ...APPLY],
    aws.environment,
  );
  expect(closed.stderr).toContain('is closed. It changed no file.');
  for (const flag of ['--resume', '--close'])
    expect(await said('20261123T060000001Z-begun', flag)).toMatch(/It (was|is) closed/);
});

test('one change says how far it has come, what can be done next, and who resumed it and why', async () => {
  const id = '20261123T060000002Z-some';
  const said = async () => (await runRunbook('changes', [id], aws.environment)).stderr;
  await createChange(deps.projection, {
    ...{ ...changeRequest(id), origin: 'test', table: aws.trackingTable, files: 3, digest: 'd' },
    ...{ state: 'stopped', createdAt: `${DATE}T06:00:00.000Z` },
    counts: { applied: 1, skipped: 0, failed: 2 },
  });
  const before = await said();
  expect(before).toContain('Of 3 files: 1 applied, 0 skipped, 2 failed, as last stored.');
  for (const [step, command] of [
    ['To resume it', `changes.ts ${id} --resume`],
    ['To undo it', `undo.ts ${id}`],
    ['To close it as it is', `changes.ts ${id} --close`],
  ])
    expect(before).toMatch(new RegExp(`^${step}: .*runbooks/${command}$`, 'm'));
  const words = [id, '--resume', '--apply', '--yes', '--reason', 'Glue is back'];
  expect((await runRunbook('changes', words, aws.environment)).code).toBe(0);
  const after = await said();
  expect(after).toMatch(/^Resumed by .+ at .+, because: Glue is back$/m);
  expect(after).not.toContain('To resume it');

  await runRunbook('note', ['--date', DATE, '--text', 'shops were closed', ...APPLY], aws.environment);
  const listed = await runRunbook('changes', ['--limit', '1', '--json'], aws.environment);
  const [{ change_id: note }] = JSON.parse(listed.stdout);
  const shown = await runRunbook('changes', [note], aws.environment);
  expect(shown.stderr).toMatch(/^It is about: .*shops were closed/m);
  expect(shown.stderr).not.toMatch(/^To /m);
});
