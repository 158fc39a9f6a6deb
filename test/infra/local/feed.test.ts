import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { builderFunction } from '../../../infra/local/builder-function.ts';
import { startFeed } from '../../../infra/local/feed.ts';
import type { FeedFlags } from '../../../infra/local/flags.ts';
import { localSettings } from '../../../infra/local/settings.ts';

const FLAGS: FeedFlags = {
  simulator: true,
  rate: 1_000,
  seed: 1,
  speed: 1_000,
  files: 1,
  pipeline: 'A',
  maxFiles: 1,
  replay: undefined,
};
// Nothing listens on this port.
const client = {
  endpoint: 'http://127.0.0.1:9',
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 1,
};

test('a simulator that reaches no table says what to do, and still stops', async () => {
  const feed = startFeed(FLAGS, localSettings({}), {
    dynamoDb: new DynamoDBClient(client),
    s3: new S3Client(client),
    builder: builderFunction(),
  });
  await expect(feed.done).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('Can no longer write to the tracking table or the buckets'),
  });
  await expect(feed.stop()).resolves.toBeUndefined();
});
