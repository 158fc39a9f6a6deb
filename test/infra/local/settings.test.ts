import { expect, test } from 'vitest';
import { localSettings } from '../../../infra/local/settings.ts';

test('without a variable the ports are 4800 to 4802', () => {
  const { port, environment } = localSettings({});
  expect(port).toBe(4800);
  expect(environment).toMatchObject({
    AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:4801',
    AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:4802',
    TRACKING_TABLE: 'ndjson-parquet-sqs-file-tracking-local',
  });
});

test('STATE_MANAGER_PORT moves all three', () => {
  const { port, environment } = localSettings({ STATE_MANAGER_PORT: '5800' });
  expect(port).toBe(5800);
  expect(environment.AWS_ENDPOINT_URL_S3).toBe('http://127.0.0.1:5802');
});

test.each(['abc', '80', '65535', '4800.5', '-1'])(
  'STATE_MANAGER_PORT=%s is refused',
  (STATE_MANAGER_PORT) => {
    expect(() => localSettings({ STATE_MANAGER_PORT })).toThrow(`received "${STATE_MANAGER_PORT}"`);
  },
);
