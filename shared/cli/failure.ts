import { TRACKING_SCHEMA } from '../pipeline/tracking-table.ts';
import { Refused } from '../text/refused.ts';
import type { Target } from './target.ts';

/** Names of errors, of services and of the SDK, that mean who asks is not known, or may not. */
const CREDENTIALS = new Set([
  'CredentialsProviderError',
  'TokenProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);
const DENIED = new Set(['AccessDenied', 'AccessDeniedException', 'NotAuthorized']);
const THROTTLED = new Set([
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
]);
/** What answers to a DynamoDB request that is not DynamoDB: S3's servers, or something the SDK has no name for. */
const STRANGERS = new Set(['InvalidAction', 'Unknown', 'UnknownOperationException']);
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPROTO',
  'ETIMEDOUT',
]);
/** What a disk answers that takes no more. */
const DISK = new Set(['EDQUOT', 'EFBIG', 'EIO', 'ENOSPC', 'EROFS']);

/** What errors of Node and of the SDK may have. */
interface Fault {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
}

/**
 * An error that users meet, as message, next step and exit code.
 *
 * @returns undefined for anything else, which is a bug of ours
 */
export function expectedFailure(error: unknown, target: Target | undefined): Refused | undefined {
  if (error instanceof Refused) return error;
  return target && faultOf((error ?? {}) as Fault, target);
}

function faultOf({ name, code, message }: Fault, target: Target): Refused | undefined {
  const [kind, text] = [String(name), String(message)];
  if (CREDENTIALS.has(kind)) return credentialsError(text, target);
  if (DENIED.has(kind)) return deniedError(text, target);
  if (DISK.has(String(code))) return diskError(text);
  if (UNREACHABLE.has(String(code)) || kind === 'TimeoutError') return unreachableError(text, target);
  if (STRANGERS.has(kind) || /Deserialization error/.test(text)) return strangerError(target);
  if (kind === 'ResourceNotFoundException') return missingTableError(target);
  if (kind === 'NoSuchBucket') return missingBucketError(text, target);
  if (/does not have the specified index/.test(text)) return missingIndexError(text, target);
  if (/^Region is missing/.test(text)) return missingRegionError(target);
  if (!THROTTLED.has(kind)) return undefined;
  const hint = 'Run it again in a moment; a smaller range of dates reads less at once.';
  return new Refused('UNAVAILABLE', `DynamoDB asks for a slower pace: ${text}`, hint);
}

function credentialsError(reason: string, { environment, profile }: Target): Refused {
  const hint =
    'Log in (aws sso login --profile NAME, or aws configure) and name the profile: --profile NAME. ' +
    'To work on this machine alone: --env local.';
  return new Refused(
    'NOT_ALLOWED',
    `No valid AWS credentials for ${environment}${profile ? ` in profile ${profile}` : ''}: ${oneLine(reason)}`,
    hint,
  );
}

function deniedError(reason: string, { environment }: Target): Refused {
  const hint = 'Ask for that permission, or use a profile that has it: --profile NAME.';
  return new Refused(
    'NOT_ALLOWED',
    `These credentials may not do that in ${environment}: ${oneLine(reason)}`,
    hint,
  );
}

function unreachableError(reason: string, { environment, endpoint }: Target): Refused {
  const hint =
    environment === 'local'
      ? 'Start the local system in another shell with npm start, or name a deployment: --env dev.'
      : 'Check the network, --region and --endpoint-url.';
  const where = endpoint ?? `AWS for ${environment}`;
  return new Refused('UNAVAILABLE', `Cannot reach ${where}: ${oneLine(reason) || 'no answer'}.`, hint);
}

function diskError(reason: string): Refused {
  const hint = 'Make room, or name another place; what was not written to its end is not kept.';
  return new Refused('UNAVAILABLE', `A file could not be written: ${oneLine(reason)}.`, hint);
}

/** The SDK has no name for an answer that no AWS service gives. */
function strangerError({ endpoint = 'AWS' }: Target): Refused {
  const hint = 'Check --endpoint-url and the AWS_ENDPOINT_URL variables, and whether a proxy is in between.';
  return new Refused('UNAVAILABLE', `What answers at ${endpoint} is not DynamoDB.`, hint);
}

/** The service does not say which table it missed. */
function missingTableError({ environment, trackingTable, projectionTable, endpoint }: Target): Refused {
  const hint =
    endpoint === undefined
      ? 'Check --env, --region and --profile; a table of another name: --table and --projection-table.'
      : 'Is npm start running there? DynamoDB Local keeps tables apart by region and access key.';
  return new Refused(
    'UNAVAILABLE',
    `A table of ${environment} does not exist there: ${trackingTable} or ${projectionTable}.`,
    hint,
  );
}

function missingBucketError(reason: string, { environment }: Target): Refused {
  const hint =
    'Name the buckets of the pipeline: INPUT_BUCKET, MANIFEST_BUCKET, OUTPUT_BUCKET, QUARANTINE_BUCKET.';
  return new Refused('UNAVAILABLE', `A bucket of ${environment} does not exist: ${oneLine(reason)}`, hint);
}

function missingIndexError(reason: string, { trackingTable }: Target): Refused {
  const { name, partitionKey, sortKey } = TRACKING_SCHEMA.statusIndex;
  const hint = `Lists by status read the pipeline's own index ${name} (${partitionKey}, ${sortKey}).`;
  return new Refused('UNAVAILABLE', `${trackingTable} cannot list by status: ${reason}`, hint);
}

function missingRegionError({ environment }: Target): Refused {
  const hint = 'Name it: --region eu-central-1, or set AWS_REGION, or put it in the profile.';
  return new Refused('USAGE', `No AWS region is known for ${environment}.`, hint);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
