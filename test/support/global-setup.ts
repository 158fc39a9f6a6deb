import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { bundleHandlers } from '../../infra/bundle.ts';
import { startDynamoDbLocal } from '../../infra/local/dynamodb-local.ts';
import { startS3Server } from '../../infra/local/s3-server.ts';
import { freePorts } from './free-ports.ts';

declare module 'vitest' {
  interface ProvidedContext {
    dynamoDbEndpoint: string;
    s3Endpoint: string;
    bundleFolder: string;
  }
}

/**
 * Starts one DynamoDB Local and one S3 server for the whole run; each test file has its own database. The handlers are
 * bundled once.
 */
export default async function globalSetup(project: TestProject): Promise<() => Promise<void>> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const [dynamoDb, s3] = await Promise.all([
    startDynamoDbLocal({ port: await freePorts(1) }),
    startS3Server({ port: 0 }),
  ]);
  const bundles = mkdtempSync(join(tmpdir(), 'state-manager-bundles-'));
  bundleHandlers(bundles);
  project.onTestsRerun(() => bundleHandlers(bundles));
  project.provide('bundleFolder', bundles);
  project.provide('dynamoDbEndpoint', dynamoDb.endpoint);
  project.provide('s3Endpoint', s3.endpoint);
  return async () => {
    await Promise.all([dynamoDb.stop(), s3.stop()]);
    rmSync(bundles, { recursive: true });
  };
}
