import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { clientSettings } from '../../../shared/aws/client-settings.ts';
import { dynamoDb, exactNumber, REQUEST_TIMEOUTS } from '../../../shared/aws/clients.ts';

const KEYS = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'secret' };

test.each([
  ['0', 0],
  ['-12.5', -12.5],
  ['1798003373', 1_798_003_373],
  ['0.005183219909667969', 0.005183219909667969],
  ['1500000', 1_500_000],
  ['1E-7', 1e-7],
  ['0.0051832199096679691234', '0.0051832199096679691234'],
  ['0.12345678901234567', '0.12345678901234567'],
  ['12345678901234567890', '12345678901234567890'],
  ['9007199254740993', '9007199254740993'],
])('%s is read as %j', (digits, value) => {
  expect(exactNumber(digits)).toBe(value);
});

test('a connection that nobody answers times out', async () => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const variables = {
    ...KEYS,
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${port}`,
  };
  const client = dynamoDb(variables, { ...REQUEST_TIMEOUTS, requestTimeout: 200 });
  const asked = client.send(new GetItemCommand({ TableName: 'any', Key: { id: { S: '1' } } }));
  await expect(asked).rejects.toMatchObject({ name: 'TimeoutError' });
  client.destroy();
  server.close();
});

test('clients use the variables that they are given, not those of the process', async () => {
  const client = dynamoDb({ ...KEYS, AWS_REGION: 'eu-west-3', AWS_ENDPOINT_URL: 'http://127.0.0.1:9' });
  expect(await client.config.region()).toBe('eu-west-3');
  expect(await client.config.endpoint?.()).toMatchObject({ hostname: '127.0.0.1', port: 9 });
  expect(await client.config.credentials()).toMatchObject({ accessKeyId: 'local' });
});

test('the endpoint of a service wins over the one of all services, and a profile over keys', () => {
  const variables = {
    ...KEYS,
    AWS_ENDPOINT_URL: 'http://all',
    AWS_ENDPOINT_URL_S3: 'http://s3',
    AWS_REGION: '',
  };
  expect(clientSettings(variables, 'S3')).toEqual({
    endpoint: 'http://s3',
    credentials: { accessKeyId: 'local', secretAccessKey: 'secret' },
  });
  expect(clientSettings({ ...variables, AWS_PROFILE: 'work' }, 'DYNAMODB')).toEqual({
    endpoint: 'http://all',
    profile: 'work',
  });
  expect(clientSettings({ ...KEYS, AWS_SESSION_TOKEN: 't' }, 'STS').credentials?.sessionToken).toBe('t');
  expect(clientSettings({}, 'STS')).toEqual({});
});
