import { PutItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from 'vitest';
import { createRandom } from '../../infra/simulator/random.ts';
import { classifyFault } from '../../shared/aws/faults.ts';
import { type CapacityRules, DOCUMENTED } from './capacity.ts';
import { createEngine, type EngineSettings } from './engine.ts';
import { assumedLatency } from './latency.ts';
import { createVirtualTime } from './virtual-time.ts';

const item = (sk: string, bytes = '') => ({
  Put: { TableName: 't', Item: { pk: { S: 'p' }, sk: { S: sk }, b: { S: bytes } } },
});
const transaction = (...keys: string[]) => ({
  name: TransactWriteItemsCommand.name,
  input: { TransactItems: keys.map((sk) => item(sk)) },
});
const put = (sk: string) => ({ name: PutItemCommand.name, input: item(sk).Put });

function newEngine(overrides: Partial<EngineSettings> = {}) {
  const time = createVirtualTime(0);
  const engine = createEngine({
    keys: { t: ['pk', 'sk'] },
    conflicts: true,
    capacity: undefined,
    latency: () => 10,
    bytesOf: () => 100,
    now: time.now,
    sleep: time.sleep,
    ...overrides,
  });
  return { time, perform: (request: object) => engine.perform(request as never, async () => 'done') };
}

const errorOf = (answer: Promise<unknown>) =>
  answer.then(
    () => undefined,
    (error: Error) => error,
  );
const empty: CapacityRules = { ...DOCUMENTED, range: { write: 0, read: 0 } };
const noTable: CapacityRules = { ...DOCUMENTED, table: { write: 0, read: 0 } };
const noAccount: CapacityRules = { ...DOCUMENTED, account: { write: 0, read: 0 } };

test('a transaction that conflicts with another is cancelled with a reason for each item, and can be retried', async () => {
  const { time, perform } = newEngine();
  const [first, second] = [perform(transaction('a', 'b')), errorOf(perform(transaction('x', 'b')))];
  const error = await time.run(second);
  expect(error).toMatchObject({
    name: 'TransactionCanceledException',
    CancellationReasons: [{ Code: 'None' }, { Code: 'TransactionConflict' }],
  });
  expect(classifyFault(error)).toBe('contended');
  // It is known half-way, and the first is not disturbed.
  expect(time.now()).toBe(5);
  expect(await time.run(first)).toBe('done');
});

test('a plain write that conflicts with a transaction is refused with a separate exception', async () => {
  const { time, perform } = newEngine();
  void perform(transaction('a'));
  const error = await time.run(errorOf(perform(put('a'))));
  expect(error?.name).toBe('TransactionConflictException');
  expect(classifyFault(error)).toBe('contended');
});

test.each([
  [
    empty,
    'ProvisionedThroughputExceededException',
    { ThrottlingReasons: [{ reason: 'TableWriteKeyRangeThroughputExceeded' }] },
  ],
  [
    noTable,
    'ThrottlingException',
    { throttlingReasons: [{ reason: 'TableWriteKeyRangeThroughputExceeded' }] },
  ],
  [noAccount, 'RequestLimitExceeded', { ThrottlingReasons: [{ reason: 'TableWriteAccountLimitExceeded' }] }],
])(
  'a plain write that is too fast is told so by name and reason, and is worth waiting for',
  async (capacity, name, reasons) => {
    const { time, perform } = newEngine({ capacity });
    const error = await time.run(errorOf(perform(put('a'))));
    expect(error).toMatchObject({ name, ...reasons });
    expect(classifyFault(error)).toBe('busy');
  },
);

test('a transaction above the capacity is cancelled with throttling as the reason', async () => {
  const { time, perform } = newEngine({ capacity: empty });
  const error = await time.run(errorOf(perform(transaction('a', 'b'))));
  expect(error).toMatchObject({ CancellationReasons: [{ Code: 'ThrottlingError' }, { Code: 'None' }] });
  expect(classifyFault(error)).toBe('busy');
});

test('a transaction that fails for a reason of its own leaves its items free for the next one', async () => {
  const time = createVirtualTime(0);
  const { perform } = createEngine({
    keys: { t: ['pk', 'sk'] },
    conflicts: true,
    capacity: undefined,
    latency: () => 10,
    bytesOf: () => 1,
    now: time.now,
    sleep: time.sleep,
  });
  const failing = errorOf(perform(transaction('a'), () => Promise.reject(new Error('condition'))));
  expect((await time.run(failing))?.message).toBe('condition');
  expect(await time.run(perform(transaction('a'), async () => 'done'))).toBe('done');
});

test('the items of a request are recognized whether its values are raw or not', async () => {
  const { time, perform } = newEngine();
  const native = { Put: { TableName: 't', Item: { pk: 'p', sk: 'a' } } };
  const request = { name: TransactWriteCommand.name, input: { TransactItems: [native] } };
  void perform(request);
  expect(await time.run(errorOf(perform(request)))).toMatchObject({ name: 'TransactionCanceledException' });
});

test('units are kilobytes, rounded up, and twice as many in a transaction', async () => {
  const spent: number[] = [];
  const time = createVirtualTime(0);
  const { perform } = createEngine(
    {
      keys: { t: ['pk', 'sk'] },
      conflicts: false,
      capacity: undefined,
      latency: () => 0,
      bytesOf: () => 1_025,
      now: time.now,
      sleep: time.sleep,
    },
    (_, { items }) => void spent.push(items.reduce((sum, { units }) => sum + units, 0)),
  );
  await time.run(perform(put('a'), async () => 'done'));
  await time.run(perform(transaction('a', 'b'), async () => 'done'));
  expect(spent).toEqual([2, 8]);
});

test('latencies vary around the assumed ones, and are the same for the same seed', () => {
  const draw = (seed: number) => {
    const random = createRandom(seed);
    const latency = assumedLatency(() => random.between(0, 1));
    return Array.from({ length: 200 }, () =>
      latency({ kind: 'transaction', items: Array(100).fill(undefined) }),
    );
  };
  const drawn = draw(3);
  expect(draw(3)).toEqual(drawn);
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(42 * 0.6);
  expect(Math.max(...drawn)).toBeLessThan(42 * 1.4);
});
