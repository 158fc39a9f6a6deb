import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { DeleteCommand, GetCommand, PutCommand, paginateScan } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type EventBus, startEventBus } from '../../../infra/local/event-bus.ts';
import { eventBridge } from '../../../shared/aws/event-bridge.ts';
import { createChange, moveChange } from '../../../shared/changes/change-table.ts';
import { type OutletDeps, runOutlet } from '../../../shared/outlet/outlet.ts';
import { readSent } from '../../../shared/outlet/outlet-items.ts';
import { failureClass } from '../../../shared/pipeline/failure-class.ts';
import { trackingTable } from '../../../shared/pipeline/tracking-table.ts';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { noteChange, noteFact, noteLost } from '../../../shared/reports/noted.ts';
import { faultyDynamo } from '../../support/faulty-dynamo.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';
import { applyDeps } from '../../support/projection.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';

const NOW = Date.parse('2026-11-23T06:00:00Z');
const MINUTE = 60_000;
const file = join(mkdtempSync(join(tmpdir(), 'state-manager-')), 'notices.ndjson');
const UNTOUCHED = { pk: 'STATS#2026-11-23', sk: '9', file_pending: 7 };
let bus: EventBus;
let aws: LocalAws;

beforeAll(async () => {
  bus = await startEventBus({ file });
});
afterAll(() => bus.stop());
beforeEach(async () => {
  aws = await localAws();
  await aws.documents.send(new PutCommand({ TableName: aws.projectionTable, Item: UNTOUCHED }));
});

const projection = () => ({ docs: aws.documents, name: aws.projectionTable });

/** @param send what happens instead of a request, where something does */
function outletDeps(minutes: number, send?: EventBridgeClient['send']): OutletDeps {
  const client = eventBridge({ ...aws.environment, AWS_ENDPOINT_URL_EVENTBRIDGE: bus.endpoint });
  return {
    ...{ environment: aws.projectionTable, now: NOW + minutes * MINUTE, profile: FIELD_PROFILE },
    tracking: trackingTable(aws.documents, aws.trackingTable, FIELD_PROFILE),
    projection: projection(),
    bus: { client: send ? { send } : client, name: 'notices' },
  };
}

/** Notes that files are lost. */
function noteFiles(files: readonly string[], minute: number): Promise<void> {
  const lost = { date_prefix: '2026-11-23', by: 'rows' as const, files, occasion: 'first' };
  return noteLost(projection(), lost, NOW + minute * MINUTE);
}

/** What the bus was told by this test, as `type about`. */
function told(): string[] {
  const ids = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { readonly id: string }).id);
  const own = `${aws.projectionTable}/`;
  return ids.filter((id) => id.startsWith(own)).map((id) => id.slice(own.length));
}

async function items(pk: string) {
  const found = [];
  for await (const { Items = [] } of paginateScan(
    { client: aws.documents },
    { TableName: aws.projectionTable },
  ))
    found.push(...Items.filter((item) => item.pk === pk));
  return found;
}

test('a class from a batch gets its notice at the next look, with samples, and the bus gets it once', async () => {
  await runOutlet(outletDeps(0));
  const table = streamedTable();
  const batch = [
    table.write('a.ndjson', uploaded()),
    table.write('a.ndjson', { status: 'failed#3', error_message: 'Path does not exist: s3://b/a.ndjson' }),
  ];
  await consumeBatch(batch, applyDeps(aws), { s3: aws.s3, bucket: aws.buckets.deadLetter });
  expect(await runOutlet(outletDeps(1))).toEqual({ sent: 1, waiting: 0, fault: undefined });
  expect(await runOutlet(outletDeps(2))).toMatchObject({ sent: 0 });
  expect(told()).toEqual([expect.stringMatching(/^class-appeared\/path-does-not-exist/)]);
  const [notice] = await readSent(projection(), 3);
  expect(notice).toMatchObject({
    type: 'class-appeared',
    data: { samples: [{ date_prefix: '2026-11-23', file_key: 'a.ndjson' }] },
  });
  expect(await items(UNTOUCHED.pk)).toContainEqual(UNTOUCHED);
});

test('an acknowledged class gets no notice until it is no longer acknowledged; its failures make no wave, but others do', async () => {
  const table = streamedTable();
  const deps = applyDeps(aws);
  const fail = async (name: string, files: number, error_message: string) => {
    const keys = Array.from({ length: files }, (_, i) => `${name}-${i}.ndjson`);
    const batch = keys.flatMap((key) => [
      table.write(key, uploaded()),
      table.write(key, { status: 'failed#3', error_message }),
    ]);
    await consumeBatch(batch, deps, { s3: aws.s3, bucket: aws.buckets.deadLetter });
  };
  const known = 'the disk is full';
  await runOutlet(outletDeps(0));
  const about = { operation: 'acknowledge', class: failureClass(known).id };
  await ask(operationDeps(aws, NOW), { ...about, until: '2026-11-23', reason: 'known' });
  for (let minute = 1; minute < 8; minute++) {
    await fail(`known-${minute}`, 10, known);
    await runOutlet(outletDeps(minute));
  }
  expect(told()).toEqual([]);
  await fail('other', 30, 'no such table');
  await runOutlet(outletDeps(8));
  expect(told()).toEqual([
    expect.stringMatching(/^class-appeared\/no-such-table/),
    expect.stringContaining('wave-began'),
  ]);
  await runOutlet(outletDeps(19 * 60));
  expect(told().at(-1)).toMatch(/^class-appeared\/disk-full/);
});

const change = (id: string) => ({
  ...{ id, state: 'applying' as const, reason: 'stuck', origin: 'test', createdAt: '2026-11-23T06:00:00Z' },
  ...{ actor: { identity: 'alice', source: 'test' }, table: 't', files: 1, digest: 'd' },
});

test('changes that are never done hold back no facts after them', async () => {
  await runOutlet(outletDeps(0));
  for (let i = 0; i < 45; i++) {
    const id = `20261123T060000000Z-${String(i).padStart(2, '0')}`;
    await createChange(projection(), change(id));
    await noteChange(projection(), id, NOW + MINUTE);
  }
  for (let i = 0; i < 21; i++) await noteFiles([`${i}`], 1);
  expect(await runOutlet(outletDeps(1))).toEqual({ sent: 20, waiting: 0, fault: undefined });
  expect(await runOutlet(outletDeps(2))).toEqual({ sent: 1, waiting: 0, fault: undefined });
  expect(told()).toHaveLength(21);
  expect(await items('NOTED')).toHaveLength(45);
});

test('a change gets its notice when it is done, not before; a closed one never does', async () => {
  await runOutlet(outletDeps(0));
  for (const id of ['20261123T060000000Z-1a', '20261123T060000000Z-2b']) {
    await createChange(projection(), change(id));
    await noteChange(projection(), id, NOW + MINUTE);
  }
  await runOutlet(outletDeps(1));
  expect(told()).toEqual([]);
  const counts = { applied: 1, skipped: 0, failed: 0 };
  await moveChange(projection(), '20261123T060000000Z-1a', { from: ['applying'], state: 'done', counts });
  await moveChange(projection(), '20261123T060000000Z-2b', { from: ['applying'], state: 'closed' });
  await runOutlet(outletDeps(2));
  expect(told()).toEqual(['change-applied/20261123T060000000Z-1a']);
  expect(await items('NOTED')).toEqual([]);
});

test('a notice that the bus refuses waits for the next look, and the others are sent', async () => {
  await runOutlet(outletDeps(0));
  const lost = ['a', 'b', 'c'];
  for (const key of lost) await noteFiles([key], 1);
  const refusing = partlyRefusing(outletDeps(1).bus.client, 1);
  expect(await runOutlet(outletDeps(1, refusing))).toEqual({
    ...{ sent: 2, waiting: 1 },
    fault: 'ThrottlingException: slower',
  });
  expect(await runOutlet(outletDeps(2))).toMatchObject({ sent: 1, waiting: 0 });
  expect(new Set(told()).size).toBe(3);
});

test('nothing is lost while the bus is unavailable, and no new facts are taken while too many notices wait', async () => {
  await runOutlet(outletDeps(0));
  const away = () => Promise.reject(new Error('away'));
  for (let i = 0; i < 70; i++) await noteFiles([`${i}`], 1);
  for (let minute = 1; minute < 6; minute++) await runOutlet(outletDeps(minute, away));
  expect(await items('NOTED')).toHaveLength(30);
  for (let minute = 6; minute < 10; minute++) await runOutlet(outletDeps(minute));
  expect(new Set(told()).size).toBe(70);
});

test.each(['the bus has it', 'the bus has it, and the answer is lost'])(
  'a run that ends when %s is followed by one that sends the same again, under the same id',
  async (when) => {
    await runOutlet(outletDeps(0));
    await noteFiles(['a'], 1);
    const { client } = outletDeps(1).bus;
    const dies = async (command: never) => {
      await client.send(command);
      if (when.includes('lost')) throw new Error('socket hang up');
      throw Object.assign(new Error('killed'), { isKill: true });
    };
    await runOutlet(outletDeps(1, dies as EventBridgeClient['send']));
    await runOutlet(outletDeps(2));
    const [first, second, ...more] = told();
    expect([second, ...more]).toEqual([first]);
  },
);

test('a fact that is noted again after its notice has the same id', async () => {
  await runOutlet(outletDeps(0));
  for (const minute of [1, 2]) {
    await noteFiles(['b', 'a'], minute);
    await runOutlet(outletDeps(minute));
  }
  expect(new Set(told()).size).toBe(1);
});

test('a fact that is written again while the outlet takes it is not deleted unread', async () => {
  await runOutlet(outletDeps(0));
  const note = (repaired: number) =>
    noteFact(
      projection(),
      'drift#1',
      { kind: 'drift', date_prefix: '2026-11-23', found: 5, repaired },
      NOW + MINUTE,
    );
  await note(0);
  const { docs } = await faultyDynamo(aws, () => undefined);
  docs.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        if (commandName.startsWith('Delete')) await note(5);
        return next(args);
      },
    { step: 'initialize' },
  );
  await runOutlet({ ...outletDeps(1), projection: { ...projection(), docs } });
  expect(await items('NOTED')).toMatchObject([{ noted: expect.stringContaining('"repaired":5') }]);
  await runOutlet(outletDeps(2));
  expect((await readSent(projection(), 3)).map(({ data }) => data)).toContainEqual(
    expect.objectContaining({ repaired: 5 }),
  );
  expect(await items('NOTED')).toEqual([]);
});

test('of two runs at the same time, one sends', async () => {
  await runOutlet(outletDeps(0));
  await noteFiles(['a'], 1);
  await Promise.all([runOutlet(outletDeps(1)), runOutlet(outletDeps(1))]);
  await runOutlet(outletDeps(2));
  expect(new Set(told()).size).toBe(1);
  expect(await items('NOTED')).toEqual([]);
});

test('after the state is lost, the outlet starts again and makes no notices of what was before', async () => {
  await runOutlet(outletDeps(0));
  const Key = { pk: 'OUTLET', sk: 'state' };
  await aws.documents.send(new DeleteCommand({ TableName: aws.projectionTable, Key }));
  await noteFiles(['a'], 0);
  await runOutlet(outletDeps(1));
  expect(told()).toEqual([]);
  const { Item } = await aws.documents.send(new GetCommand({ TableName: aws.projectionTable, Key }));
  expect(Item).toMatchObject({ revision: 1 });
});

/** Takes all entries of a request but one, as EventBridge may. */
function partlyRefusing(client: OutletDeps['bus']['client'], refused: number): EventBridgeClient['send'] {
  return (async (command: { input: { Entries: object[] } }) => {
    const { Entries } = command.input;
    const taken = Entries.filter((_, i) => i !== refused);
    command.input.Entries = taken;
    await client.send(command as never);
    const answers = Entries.map((_, i) =>
      i === refused ? { ErrorCode: 'ThrottlingException', ErrorMessage: 'slower' } : { EventId: `${i}` },
    );
    return { FailedEntryCount: 1, Entries: answers };
  }) as never;
}
