import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { startDynamoDbLocal } from '../../../infra/local/dynamodb-local.ts';

// Not listened on: every start below fails before it would be.
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

function fakeJava(script: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'fake-java-')), 'java');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}
