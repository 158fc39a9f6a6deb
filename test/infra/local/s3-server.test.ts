import { request } from 'node:http';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
  type PutObjectCommandInput,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { startS3Server } from '../../../infra/local/s3-server.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';

const unusualNames = [
  'with space.ndjson',
  'with+plus.ndjson',
  'with%percent.ndjson',
  'with%20encoded.ndjson',
  'with%2Bencoded.ndjson',
  'with#hash.ndjson',
  'with?question&ampersand.ndjson',
  'with<angle>"quotes\'.ndjson',
  'caf\u00e9.ndjson',
  'cafe\u0301.ndjson',
  '\u{1F600}-emoji.ndjson',
  '\u{10348}-beyond-the-bmp.ndjson',
  '\uFFFD-last-of-the-bmp.ndjson',
  '\uE000-private-use.ndjson',
  '日本.ndjson',
  'Upper.ndjson',
  'upper.ndjson',
  '_underscore',
  '~tilde',
  '!exclamation',
  `long-${'x'.repeat(1_000)}`,
  'folder/',
  'folder/one',
  'folder/two',
  'folder//empty-segment',
  'folder-with-dash',
  '\u00e9/accented-folder',
];

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const sortedNames = [...unusualNames].sort(byBytes);

let aws: LocalAws;

beforeAll(async () => {
  aws = await localAws();
  await Promise.all(unusualNames.map((name) => put(name, `body of ${name}`)));
});

describe('listing', () => {
  it.each([1, 2, 3, 7, 1_000])(
    'in pages of %i returns every unusual name once, in byte order',
    async (size) => {
      const { keys } = await list({}, size);
      expect(keys).toEqual(sortedNames);
    },
  );

  it('starts after a name, in byte order', async () => {
    for (const [index, name] of sortedNames.entries()) {
      const { keys } = await list({ StartAfter: name }, 4);
      expect(keys).toEqual(sortedNames.slice(index + 1));
    }
  });

  it('returns the names with a prefix and no others', async () => {
    const { keys } = await list({ Prefix: 'with%' }, 1);
    expect(keys).toEqual(sortedNames.filter((name) => name.startsWith('with%')));
  });

  it.each([1, 2, 3, 7, 1_000])('in pages of %i rolls folders up once each', async (size) => {
    const { keys, prefixes } = await list({ Delimiter: '/' }, size);
    expect(prefixes).toEqual(['folder/', '\u00e9/']);
    expect(keys).toEqual(sortedNames.filter((name) => !name.includes('/')));
  });

  it('reflects objects that are added and removed', async () => {
    const Bucket = aws.buckets.output;
    for (const name of ['c', 'a', 'b', 'a']) await put(name, name, { Bucket });
    await aws.s3.send(new DeleteObjectCommand({ Bucket, Key: 'b' }));
    expect((await list({ Bucket }, 1)).keys).toEqual(['a', 'c']);
  });
});

describe('objects', () => {
  it('keep their bodies whatever their names', async () => {
    for (const name of unusualNames) expect(await get(name)).toBe(`body of ${name}`);
  });

  it('keep streamed bodies to the byte', async () => {
    const parts = [Buffer.alloc(70_000, 'a'), Buffer.from('\r\n0\r\n'), Buffer.alloc(3, 'b')];
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const Bucket = aws.buckets.quarantine;
    await put('streamed', Readable.from(parts), { Bucket, ContentLength: length });
    expect(await get('streamed', Bucket)).toBe(Buffer.concat(parts).toString());
  });

  it('may be empty', async () => {
    await put('empty', '', { Bucket: aws.buckets.quarantine, ContentLength: 0 });
    expect(await get('empty', aws.buckets.quarantine)).toBe('');
  });

  it('may come without a body, without its length, and as a form', async () => {
    const Bucket = aws.buckets.quarantine;
    expect(await send('PUT', `${Bucket}/nobody`)).toBe(200);
    expect(await send('PUT', `${Bucket}/folder/`, { 'content-length': '0' })).toBe(200);
    expect(await send('PUT', `${Bucket}/typed`, { 'content-type': 'text/plain' })).toBe(200);
    await aws.s3.send(new PutObjectCommand({ Bucket, Key: 'no-body-given' }));
    for (const key of ['nobody', 'folder/', 'typed', 'no-body-given']) {
      expect(await head(Bucket, key)).toMatchObject({ ContentLength: 0, ETag: EMPTY_ETAG });
    }
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await send('PUT', `${Bucket}/form`, form, 'a=1&b')).toBe(200);
    expect(await get('form', Bucket)).toBe('a=1&b');
  });

  it('keep their metadata, and a copy may replace it', async () => {
    const Bucket = aws.buckets.quarantine;
    await put('source', 'x', { Bucket, Metadata: { reason: 'too large' } });
    await aws.s3.send(
      new CopyObjectCommand({
        Bucket,
        Key: 'copy',
        CopySource: `${Bucket}/source`,
        MetadataDirective: 'REPLACE',
        Metadata: { reason: 'copied' },
      }),
    );
    const source = await head(Bucket, 'source');
    const copy = await head(Bucket, 'copy');
    expect(source).toMatchObject({ Metadata: { reason: 'too large' }, ContentLength: 1 });
    expect(copy).toMatchObject({ Metadata: { reason: 'copied' }, ETag: source.ETag });
    expect(source.ETag).toBe('"9dd4e461268c8034f5c8564e155c67a6"');
  });
});

describe('what is missing', () => {
  it('is an error of the kind S3 gives', async () => {
    const { input } = aws.buckets;
    await expect(head(input, 'nowhere')).rejects.toMatchObject({ name: 'NotFound' });
    await expect(get('nowhere')).rejects.toMatchObject({ name: 'NoSuchKey' });
    const noBucket = aws.s3.send(new ListObjectsV2Command({ Bucket: 'nowhere' }));
    await expect(noBucket).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });
});

describe('what another web page could send', () => {
  const remove = '<Delete><Object><Key>kept</Key></Object></Delete>';

  it.each<Record<string, string>>([
    { host: 'rebound.example.com:4802' },
    { host: '127.0.0.1.example.com' },
    { origin: 'https://example.com' },
    { origin: 'null' },
    { origin: 'http://localhost:3000' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])('is refused, whether it reads or writes: %j', async (headers) => {
    const { quarantine } = aws.buckets;
    await put('kept', 'as it was', { Bucket: quarantine });
    expect(await send('GET', `${quarantine}/kept`, headers)).toBe(403);
    expect(await send('PUT', `${quarantine}/kept`, headers, 'changed')).toBe(403);
    expect(await send('DELETE', `${quarantine}/kept`, headers)).toBe(403);
    const simple = { ...headers, 'content-type': 'text/plain' };
    expect(await send('POST', `${quarantine}?delete`, simple, remove)).toBe(403);
    expect(await get('kept', quarantine)).toBe('as it was');
  });

  it('is not what this machine sends, under each of its names', async () => {
    const { quarantine } = aws.buckets;
    await put('own', 'x', { Bucket: quarantine });
    const hosts = ['127.0.0.1:1', 'localhost', '[::1]:4802'];
    for (const host of hosts) expect(await send('GET', `${quarantine}/own`, { host })).toBe(200);
    expect(await send('GET', 'own', { host: `${quarantine}.localhost:4802` })).toBe(200);
    expect(await send('GET', `${quarantine}/own`, { 'sec-fetch-site': 'none' })).toBe(200);
  });
});

it('a taken port is reported by its number', async () => {
  const first = await startS3Server({ port: 0 });
  const port = Number(new URL(first.endpoint).port);
  await expect(startS3Server({ port })).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining(`port ${port} is already in use`),
    hint: expect.stringContaining('STATE_MANAGER_PORT'),
  });
  await first.stop();
});

const EMPTY_ETAG = '"d41d8cd98f00b204e9800998ecf8427e"';

/** fetch sets Host and Origin itself, and the SDK always gives a body. */
function send(method: string, path: string, headers: Record<string, string> = {}, body?: string) {
  return new Promise<number | undefined>((resolve, reject) => {
    request(`${inject('s3Endpoint')}/${path}`, { method, headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end(body);
  });
}

async function list(input: Partial<ListObjectsV2CommandInput>, pageSize: number) {
  const keys: string[] = [];
  const prefixes: string[] = [];
  const pages = paginateListObjectsV2({ client: aws.s3, pageSize }, { Bucket: aws.buckets.input, ...input });
  for await (const page of pages) {
    keys.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ''));
    prefixes.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix ?? ''));
  }
  return { keys, prefixes };
}

function put(
  name: string,
  body: string | Readable,
  more: Omit<Partial<PutObjectCommandInput>, 'Key' | 'Body'> = {},
) {
  return aws.s3.send(new PutObjectCommand({ Bucket: aws.buckets.input, ...more, Key: name, Body: body }));
}

async function get(name: string, bucket = aws.buckets.input): Promise<string | undefined> {
  const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket: bucket, Key: name }));
  return Body?.transformToString();
}

function head(bucket: string, name: string) {
  return aws.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: name }));
}
