import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { undosOf } from '../../../shared/changes/begun-change.ts';
import { answerWidget } from '../../../shared/dashboard/widget.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';
import { textOf } from './view-data.ts';

const NOW = Date.parse('2026-11-23T06:00:00Z');
const FILE = { date_prefix: '2026-11-22', file_key: 'a.ndjson' };
let aws: LocalAws;

beforeEach(async () => {
  aws = await localAws();
  const Item = { ...FILE, status: 'processing', created_at: '2026-11-22T01:00:00Z' };
  await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
});

const send = (request: object, seconds: number) => ask(operationDeps(aws, NOW + seconds * 1_000), request);
const draw = (event: object) => {
  const source = { ...operationDeps(aws, NOW + 200_000), keepSample: () => [], noteFault: () => undefined };
  return answerWidget({ ...event, links: 'addresses' }, { environment: 'local', functionArn: '' }, source);
};

test('a change that was undone much later is shown as undone, in the list and by itself', async () => {
  const { change_id: id } = await send({ operation: 'update_state', ...FILE, new_status: 'failed' }, 0);
  const before = textOf(await draw({ view: 'change', change: id }));
  expect(before).toContain(`undo.ts ${id}`);
  expect(before).not.toContain('Undone by');
  for (let i = 1; i <= 50; i++)
    await send({ operation: 'add_note', date_prefix: `2026-10-${10 + (i % 2)}`, text: `${i}` }, i);
  const undo = await send({ operation: 'undo_change', change_id: id, dry_run: false }, 100);

  const first = await draw({ view: 'changes' });
  const next = decodeURIComponent(/next=([^"&]+)/.exec(first)?.[1] ?? '');
  const second = await draw({ view: 'changes', next });
  expect(second).toContain(`change=${undo.change_id}`);
  expect(textOf(second)).toContain('1 of 1 file done undone');
  const one = textOf(await draw({ view: 'change', change: id }));
  expect(one).toContain(`Undone by ${undo.change_id}, done`);
  expect(one).not.toContain('To undo it');

  const deps = operationDeps(aws);
  const known = await undosOf(deps, [String(id)]);
  expect([...known.byUndone.values()]).toMatchObject([{ id: undo.change_id }]);
  expect(await undosOf(deps, [String(undo.change_id)])).toEqual({ byUndone: new Map(), isComplete: true });
});

test('the search for undos ends after as many changes as it is given', async () => {
  const { change_id: id } = await send({ operation: 'update_state', ...FILE, new_status: 'failed' }, 0);
  await send({ operation: 'undo_change', change_id: id, dry_run: false }, 1);
  for (let i = 2; i <= 4; i++)
    await send({ operation: 'add_note', date_prefix: '2026-10-10', text: `${i}` }, i);
  const deps = operationDeps(aws);
  expect(await undosOf(deps, [String(id)], 3)).toEqual({ byUndone: new Map(), isComplete: false });
  const found = await undosOf(deps, [String(id)], 4);
  expect(found.byUndone.get(String(id))).toMatchObject({ undoes: id });
  expect(found.isComplete).toBe(true);
});
