import { S3Client } from '@aws-sdk/client-s3';
import { clientSettings, endpointOf } from './client-settings.ts';
import { REQUEST_TIMEOUTS } from './clients.ts';
import type { Variables } from './process-environment.ts';

/** An S3 client; path-style where an endpoint is given, since local servers have no wildcard DNS. */
export function s3(variables: Variables = process.env): S3Client {
  const forcePathStyle = endpointOf(variables, 'S3') !== undefined;
  const settings = clientSettings(variables, 'S3');
  return new S3Client({ ...settings, maxAttempts: 4, requestHandler: REQUEST_TIMEOUTS, forcePathStyle });
}
