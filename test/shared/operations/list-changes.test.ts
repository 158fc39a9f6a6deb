import { beforeAll, expect, test } from 'vitest';
import { DATE, FIELD_FILES, putRaw } from '../../support/changes.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';

let aws: LocalAws;
const start = Date.parse('2026-11-30T23:59:58Z');
const ids: unknown[] = [];

beforeAll(async () => {
  aws = await localAws();
  await putRaw(aws, FIELD_FILES);
  for (let i = 0; i < 5; i++) {
    const new_status = i % 2 === 0 ? 'pending' : 'manifested';
    const context = operationDeps(aws, start + i * 1_000);
    const request = { date_prefix: DATE, file_key: 'plain.ndjson', new_status, force: true };
    ids.unshift((await ask(context, { operation: 'update_state', ...request })).change_id);
  }
});

const list = (input: object) => ask(operationDeps(aws), { operation: 'list_changes', ...input });

test('changes are listed newest first, over the end of a month, page by page', async () => {
  const listed: unknown[] = [];
  let next_token: string | undefined;
  do {
    const answer = await list({ limit: 2, next_token });
    expect(answer.count).toBeLessThanOrEqual(2);
    listed.push(...(answer.changes as { change_id: string }[]).map(({ change_id }) => change_id));
    next_token = answer.next_token;
  } while (next_token);
  expect(listed).toEqual(ids);
});

test('each says what it was, and nothing of its files', async () => {
  const { changes, count } = await list({ limit: 1 });
  expect(count).toBe(1);
  expect(changes).toEqual([
    {
      change_id: ids[0],
      state: 'done',
      actor: { identity: 'arn:aws:sts::123456789012:assumed-role/Ops/alice', source: 'sts' },
      reason: 'update_state without a reason',
      origin: 'update_state',
      created_at: '2026-12-01T00:00:02.000Z',
      table: aws.trackingTable,
      files: 1,
      rate: 200,
      counts: { applied: 1, skipped: 0, failed: 0 },
    },
  ]);
});
