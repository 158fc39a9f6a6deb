import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, test, vi } from 'vitest';
import { dynamoDb, exactNumber, REQUEST_TIMEOUTS } from '../../../shared/aws/clients.ts';

test.each([
  ['0', 0],
  ['-12.5', -12.5],
  ['1798003373', 1_798_003_373],
  ['0.005183219909667969', 0.005183219909667969],
  ['0.0051832199096679691234', '0.0051832199096679691234'],
  ['12345678901234567890', '12345678901234567890'],
  ['9007199254740993', '9007199254740993'],
])('%s is read as %j', (digits, value) => {
  expect(exactNumber(digits)).toBe(value);
});

test('a connection that nobody answers is given up', async () => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', `http://127.0.0.1:${port}`);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
  const client = dynamoDb({ ...REQUEST_TIMEOUTS, requestTimeout: 200 });
  const asked = client.send(new GetItemCommand({ TableName: 'any', Key: { id: { S: '1' } } }));
  await expect(asked).rejects.toMatchObject({ name: 'TimeoutError' });
  client.destroy();
  server.close();
  vi.unstubAllEnvs();
});
