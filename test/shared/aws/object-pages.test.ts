import { S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { filledPage, objectPages } from '../../../shared/aws/object-pages.ts';
import { listOtherFolders } from '../../../shared/consistency/list-objects.ts';

const REQUEST = { Bucket: 'input', Prefix: 'in/' };
const first = { Contents: [{ Key: 'in/a.ndjson' }], IsTruncated: true, NextContinuationToken: '1' };
const last = { Contents: [{ Key: 'in/b.ndjson' }], IsTruncated: false };
const empty = { IsTruncated: true, NextContinuationToken: '2' };

test('a listing goes on after an empty page that says where', async () => {
  expect(await namesIn(first, empty, last)).toEqual(['in/a.ndjson', 'in/b.ndjson']);
  expect(await filledPage(answering(empty, last), REQUEST)).toMatchObject(last);
  expect(await filledPage(answering(empty, { IsTruncated: false }), REQUEST)).toEqual({});
});

test.each([
  ['no place', { IsTruncated: true }],
  ['the same place', { ...first }],
])('a listing that is said to go on, with %s to do so, fails and never ends early', async (_, page) => {
  await expect(namesIn(first, page, page)).rejects.toThrow(
    'S3 does not say where the listing of s3://input/in/',
  );
});

test('an audit of a date fails if S3 says that there is more but not where, or lists the same again', async () => {
  const otherFolders = async (...pages: readonly object[]) => {
    const bucket = { bucket: 'input', placeOf: () => 'input' as const };
    const place = { root: 'in/', date: '2026-11-23', after: '' };
    const names: string[] = [];
    for await (const { name } of listOtherFolders(answering(...pages), bucket, place)) names.push(name);
    return names;
  };
  await expect(otherFolders(empty, { IsTruncated: true })).rejects.toThrow('does not say where');
  const other = { ...first, Contents: [{ Key: 'in/2026-11-01/a.ndjson' }] };
  await expect(otherFolders(other, other)).rejects.toThrow('s3://input/in/2026-11-02 again and again');
  expect(await otherFolders(other, { IsTruncated: false })).toEqual([]);
});

async function namesIn(...pages: readonly object[]): Promise<(string | undefined)[]> {
  const names: (string | undefined)[] = [];
  for await (const { Contents = [] } of objectPages(answering(...pages), REQUEST))
    names.push(...Contents.map(({ Key }) => Key));
  return names;
}

/** S3 with these answers, one after the other. */
function answering(...pages: readonly object[]): S3Client {
  const client = new S3Client({ region: 'us-east-1' });
  const left = [...pages];
  client.middlewareStack.add(
    () => async () => {
      const output = left.shift();
      if (!output) throw new Error('asked too often');
      return { response: {}, output: { $metadata: {}, ...output } };
    },
    { step: 'initialize' },
  );
  return client;
}
