import {
  BatchWriteCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { forgetChanged, readAcknowledged } from '../../../shared/reports/acknowledged-files.ts';
import { MOST_ACKNOWLEDGEMENTS } from '../../../shared/reports/acknowledgements.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';

const DATE = '2026-11-23';
const NOW = Date.parse('2026-11-23T06:00:00Z');
const DAY = 86_400_000;
const FILE = { date_prefix: DATE, file_key: 'x.ndjson' };
const OTHER = { date_prefix: DATE, file_key: 'y.ndjson' };
const CLASS = 'java-heap-space-1-0a1b2c';
const UNTIL = { until: '2026-12-01', reason: 'the producer is told' };
let aws: LocalAws;

beforeEach(async () => {
  aws = await localAws();
  for (const key of [FILE, OTHER])
    await put({ ...key, status: 'pending#1', created_at: '2026-11-23T01:00:00Z' });
});

const put = (Item: object) =>
  aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item: { ...Item } }));
const request = (fields: object, days = 0) => ask(operationDeps(aws, NOW + days * DAY), fields);
const acknowledge = (fields: object, days = 0) =>
  request({ operation: 'acknowledge', ...UNTIL, ...fields }, days);
const listed = async (days = 0) =>
  (await request({ operation: 'list_acknowledgements' }, days)).acknowledgements as readonly Record<
    string,
    unknown
  >[];

async function recordOf(key: object) {
  const { Item } = await aws.documents.send(
    new GetCommand({ TableName: aws.trackingTable, Key: { ...key } }),
  );
  return Item;
}

/** Whether the file is acknowledged as it stands, so many days later. */
async function isKnown(key = FILE, days = 0, kind?: string): Promise<boolean> {
  const known = await readAcknowledged(operationDeps(aws, NOW + days * DAY));
  return (await known.ofFile(key, kind)) !== undefined;
}

test('a file is acknowledged until a day, with who and why; its record and other files stay as they are', async () => {
  const before = [await recordOf(FILE), await recordOf(OTHER)];
  const { acknowledgement } = await acknowledge(FILE);
  expect(acknowledgement).toMatchObject({
    ...FILE,
    ...{ status: 'pending', until: '2026-12-02T00:00:00.000Z', reason: UNTIL.reason },
    actor: expect.stringContaining('alice'),
  });
  expect([await isKnown(), await isKnown(OTHER)]).toEqual([true, false]);
  expect([await recordOf(FILE), await recordOf(OTHER)]).toEqual(before);
  expect(await listed()).toEqual([expect.objectContaining({ ...FILE, holds: true })]);
  const { changes } = await request({ operation: 'list_changes' });
  expect(changes).toEqual([
    expect.objectContaining({
      ...{ origin: 'acknowledge', reason: UNTIL.reason, files: 0, state: 'done' },
      about: `${DATE}/x.ndjson until 2026-12-02T00:00:00.000Z`,
      change_id: (acknowledgement as { change_id: string }).change_id,
    }),
  ]);
});

test('a dry run tells what would be, and writes nothing', async () => {
  expect(await acknowledge({ ...FILE, dry_run: true })).toMatchObject({
    dry_run: true,
    acknowledgement: FILE,
  });
  expect(await listed()).toEqual([]);
  expect((await request({ operation: 'list_changes' })).changes).toEqual([]);
});

test('one finding may be acknowledged, and no other one on the file', async () => {
  await acknowledge({ ...FILE, kind: 'stuck_in_pending' });
  expect(await isKnown(FILE, 0, 'stuck_in_pending')).toBe(true);
  expect(await isKnown(FILE, 0, 'missing_manifests')).toBe(false);
  expect(await isKnown(FILE)).toBe(false);
});

test('in another spelling the same file is meant', async () => {
  await put({ date_prefix: DATE, file_key: 'a+b.ndjson', status: 'pending' });
  await acknowledge({ date_prefix: DATE, file_key: `pipeline/input/${DATE}/a b.ndjson` });
  expect(await isKnown({ date_prefix: DATE, file_key: 'a+b.ndjson' })).toBe(true);
});

describe('it ends', () => {
  const update = (UpdateExpression: string, values: Record<string, unknown>) =>
    aws.documents.send(
      new UpdateCommand({
        ...{ TableName: aws.trackingTable, Key: FILE, UpdateExpression },
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: values,
      }),
    );

  test.each<[string, () => Promise<unknown>]>([
    ['when the file moves on', () => update('SET #status = :s', { ':s': 'manifested#1' })],
    [
      'when a reset brings it back to the same status',
      () => update('SET #status = :s, reset_count = :n', { ':s': 'pending#1', ':n': 1 }),
    ],
    [
      'when it is uploaded again and its record put anew',
      () => put({ ...FILE, status: 'pending#1', created_at: '2026-11-23T05:00:00Z' }),
    ],
    [
      'when its record is removed',
      () => aws.documents.send(new DeleteCommand({ TableName: aws.trackingTable, Key: FILE })),
    ],
    ['when it is lifted', () => request({ operation: 'lift_acknowledgement', ...FILE, reason: 'done' })],
  ])('%s, and another one does not', async (_, change) => {
    await acknowledge(FILE);
    await acknowledge(OTHER);
    await change();
    expect([await isKnown(), await isKnown(OTHER)]).toEqual([false, true]);
    const holding = (await listed()).filter(({ holds }) => holds);
    expect(holding.map(({ file_key }) => file_key)).toEqual(['y.ndjson']);
  });

  test('after its last day, whether DynamoDB has removed it or not', async () => {
    await acknowledge(FILE);
    await acknowledge({ class: CLASS });
    expect(await isKnown(FILE, 8.7)).toBe(true);
    expect(await isKnown(FILE, 8.8)).toBe(false);
    expect(await listed(8.8)).toEqual([]);
    const { Item } = await aws.documents.send(
      new GetCommand({ TableName: aws.projectionTable, Key: { pk: 'ACKNOWLEDGED', sk: `class#${CLASS}` } }),
    );
    expect(Item?.expires_at).toBe(Date.parse('2026-12-02T00:00:00Z') / 1_000);
  });

  test('by hand only where there is one, and that is kept among the changes', async () => {
    const lift = { operation: 'lift_acknowledgement', class: CLASS };
    expect(await request(lift)).toMatchObject({
      statusCode: 404,
      error: { code: 'ACKNOWLEDGEMENT_NOT_FOUND' },
    });
    await acknowledge({ class: CLASS });
    await request({ ...lift, reason: 'fixed' }, 0.01);
    expect(await listed()).toEqual([]);
    const [last] = (await request({ operation: 'list_changes' })).changes as readonly object[];
    expect(last).toMatchObject({
      origin: 'lift_acknowledgement',
      reason: 'fixed',
      about: `the class ${CLASS}`,
    });
  });
});

test('to acknowledge it again replaces what was said before', async () => {
  await acknowledge(FILE);
  await acknowledge({ ...FILE, until: '2026-12-24', reason: 'it takes longer' }, 1);
  expect(await listed()).toEqual([
    expect.objectContaining({ until: '2026-12-25T00:00:00.000Z', reason: 'it takes longer' }),
  ]);
});

test.each<[string, object, string]>([
  ['a day in the past', { ...FILE, until: '2026-11-22' }, 'from 2026-11-23 to 2027-02-21'],
  ['more than 90 days', { ...FILE, until: '2027-02-22' }, 'from 2026-11-23 to 2027-02-21'],
  ['what is no day', { ...FILE, until: '2026-11-31' }, 'Received 2026-11-31'],
  ['no day', { ...FILE, until: undefined }, '"until"'],
  ['no reason', { ...FILE, reason: undefined }, '"reason"'],
  ['a reason that is too long', { ...FILE, reason: 'x'.repeat(1_001) }, '"reason"'],
  ['both a file and a class', { ...FILE, class: CLASS }, 'either class alone'],
  ['neither', {}, 'either class alone'],
  ['a kind without a file', { class: CLASS, kind: 'stuck_in_pending' }, 'either class alone'],
  ['all classes that are not told apart', { class: 'other' }, 'must be one class'],
  ['a file that is not there', { ...FILE, file_key: 'none.ndjson' }, 'No record'],
  ['another version', { ...FILE, expected_version: '0'.repeat(32) }, 'no longer has the expected version'],
])('%s is refused, and nothing is written', async (_, fields, message) => {
  const { error } = await acknowledge(fields);
  expect(error.message).toContain(message);
  expect(await listed()).toEqual([]);
});

test('a version as get_file_state tells it is taken', async () => {
  const { version } = await request({ operation: 'get_file_state', ...FILE });
  expect(await acknowledge({ ...FILE, expected_version: version })).toMatchObject({ dry_run: false });
});

test('there may be 1,000; one more is refused, unless a file that was acknowledged has changed since', async () => {
  await acknowledge({ ...OTHER, kind: 'stuck_in_pending' });
  const { Items: [first = {}] = [] } = await aws.documents.send(
    new QueryCommand({
      TableName: aws.projectionTable,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': 'ACKNOWLEDGED' },
    }),
  );
  const others = Array.from({ length: MOST_ACKNOWLEDGEMENTS - 1 }, (_, i) => {
    const kind = `kind-${i}`;
    return {
      PutRequest: { Item: { ...first, sk: String(first.sk).replace('stuck_in_pending', kind), kind } },
    };
  });
  for (let i = 0; i < others.length; i += 25) {
    const RequestItems = { [aws.projectionTable]: others.slice(i, i + 25) };
    await aws.documents.send(new BatchWriteCommand({ RequestItems }));
  }
  expect(await acknowledge(FILE)).toMatchObject({
    statusCode: 409,
    error: { code: 'TOO_MANY_ACKNOWLEDGEMENTS', message: expect.stringContaining('1,000') },
  });
  expect(await isKnown()).toBe(false);
  expect(await isKnown(OTHER, 0, 'kind-7')).toBe(true);
  const stale = { ...others[7]?.PutRequest.Item, version: 'of before' };
  await aws.documents.send(new PutCommand({ TableName: aws.projectionTable, Item: stale }));
  expect(await acknowledge(FILE)).toMatchObject({ dry_run: false });
  expect(await isKnown()).toBe(true);
  expect(await listed()).toHaveLength(MOST_ACKNOWLEDGEMENTS);
}, 60_000);

test('a file that is acknowledged again while room is made keeps its word, and one that has changed loses it', async () => {
  await acknowledge(FILE);
  await acknowledge(OTHER);
  const deps = operationDeps(aws, NOW);
  const { all } = await readAcknowledged(deps);
  for (const key of [FILE, OTHER])
    await put({ ...key, status: 'pending#1', created_at: '2026-11-23T05:00:00Z' });
  await acknowledge({ ...FILE, reason: 'known again' });
  expect(await forgetChanged(deps, all)).toBe(1);
  expect(await listed()).toEqual([expect.objectContaining({ ...FILE, reason: 'known again', holds: true })]);
});
