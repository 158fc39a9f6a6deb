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

/** The same client, whose requests fail after this time: S3 may be slow, and somebody waits for an answer. */
export function endingAt(client: S3Client, millis: number): S3Client {
  const abortSignal = AbortSignal.timeout(Math.max(0, millis));
  const send: S3Client['send'] = (command: never, options?: object) =>
    client.send(command, { abortSignal, ...options });
  return Object.create(client, { send: { value: send } }) as S3Client;
}
