import { S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { LocalAws } from './local-aws.ts';

/** A request: such as `HeadObjectCommand`, with its key or prefix and its bucket. */
export type S3FaultPlan = (command: string, key: string, bucket: string) => Error | undefined;

/** An S3 client whose requests fail as specified, without retries; everything else goes to the real server. */
export async function faultyS3(aws: LocalAws, plan: S3FaultPlan): Promise<S3Client> {
  const { region, endpoint, credentials } = aws.s3.config;
  const local = await endpoint?.();
  if (!local) throw new Error('The test has no S3 server.');
  const client = new S3Client({ region, endpoint: local, credentials, forcePathStyle: true, maxAttempts: 1 });
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const { Key, Prefix, Bucket = '' } = args.input as { Key?: string; Prefix?: string; Bucket?: string };
      const fault = plan(context.commandName ?? '', Key ?? Prefix ?? '', Bucket);
      if (fault) throw fault;
      return next(args);
    },
    { step: 'initialize' },
  );
  return client;
}

/** S3 is overloaded. */
export const slowDown = () => s3Fault('SlowDown', 503);
/** S3 does not say whether the object exists, as for a HEAD without permission. */
export const forbidden = () => s3Fault('403', 403);

function s3Fault(name: string, httpStatusCode: number): S3ServiceException {
  return new S3ServiceException({
    name,
    $fault: 'server',
    $metadata: { httpStatusCode },
    message: 'by plan',
  });
}
