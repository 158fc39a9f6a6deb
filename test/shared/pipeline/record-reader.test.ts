import { beforeAll, expect, test } from 'vitest';
import { recordReader } from '../../../shared/pipeline/record-reader.ts';
import { DATE, putRaw, rawFile } from '../../support/changes.ts';
import { type Call, interceptedDocuments } from '../../support/intercepted.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';

const COUNT = 120;
const record = (i: number) =>
  rawFile(`file-${i}`, {
    status: { S: `pending#${i % 10}` },
    size: { N: `9${i}5678901234567890.123456789` },
    names: { SS: ['a', 'b'] },
  });
const large = (i: number) =>
  rawFile(`large-${i}`, { status: { S: 'failed' }, text: { S: 'x'.repeat(390_000) } });
const keyOf = (file_key: string) => ({ date_prefix: DATE, file_key });

let aws: LocalAws;

beforeAll(async () => {
  aws = await localAws();
  await putRaw(
    aws,
    Array.from({ length: COUNT }, (_, i) => record(i)),
  );
  await putRaw(
    aws,
    Array.from({ length: 50 }, (_, i) => large(i)),
  );
});

/** Reads all at the same time, and says with which requests. */
async function read(names: readonly string[], answer = <T>(call: Call<T>): Promise<T> => call.send()) {
  const sent: string[] = [];
  const docs = interceptedDocuments(aws.dynamoDb, (call) => {
    sent.push(call.name);
    return answer(call);
  });
  const readRecord = recordReader({ docs, name: aws.trackingTable });
  return { records: await Promise.all(names.map((name) => readRecord(keyOf(name)))), sent };
}

test('records that are asked for at the same time are read a hundred to a request, to the last digit', async () => {
  const names = Array.from({ length: COUNT }, (_, i) => `file-${COUNT - 1 - i}`);
  const { records, sent } = await read(names);
  expect(records).toEqual(names.map((_, i) => record(COUNT - 1 - i)));
  expect(sent).toEqual(['BatchGetItemCommand', 'BatchGetItemCommand']);
});

test('a record that does not exist is undefined, and one that is asked for twice is read once', async () => {
  const { records, sent } = await read(['file-1', 'nobody', 'file-1', 'file-2']);
  expect(records).toEqual([record(1), undefined, record(1), record(2)]);
  expect(sent).toEqual(['BatchGetItemCommand']);
  expect(await read(['nobody'])).toEqual({ records: [undefined], sent: ['GetItemCommand'] });
});

test('what does not fit into one answer is read singly', async () => {
  const names = Array.from({ length: 50 }, (_, i) => `large-${i}`);
  const { records, sent } = await read(names);
  expect(records).toEqual(names.map((_, i) => large(i)));
  const [first, ...others] = sent;
  expect(first).toBe('BatchGetItemCommand');
  expect(others.length).toBeGreaterThan(0);
  expect(new Set(others)).toEqual(new Set(['GetItemCommand']));
});

test('a request that fails fails each of its reads, and the next ones are sent again', async () => {
  const docs = interceptedDocuments(aws.dynamoDb, (call) =>
    call.name === 'BatchGetItemCommand' ? Promise.reject(new Error('throttled')) : call.send(),
  );
  const readRecord = recordReader({ docs, name: aws.trackingTable });
  const ends = await Promise.allSettled(['file-1', 'file-2'].map((name) => readRecord(keyOf(name))));
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await readRecord(keyOf('file-1'))).toEqual(record(1));
});
