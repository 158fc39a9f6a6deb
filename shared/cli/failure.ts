import { TRACKING_SCHEMA } from '../pipeline/record.ts';
import { Refused } from '../text/refused.ts';
import type { Target } from './target.ts';

/** Errors, of services and of the SDK, that say the credentials are missing, expired or wrong. */
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
/** What S3 and other servers answer to a DynamoDB request. */
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
/** Errors of a disk that cannot be written to. */
const DISK = new Set(['EDQUOT', 'EFBIG', 'EIO', 'ENOSPC', 'EROFS']);

/** Fields that errors of Node and of the SDK may have. */
interface Fault {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
}

/**
 * An expected error, as message, next step and exit code.
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
  const hint = 'Try again in a moment, or with a smaller range of dates.';
  return new Refused('UNAVAILABLE', `DynamoDB is throttling requests: ${text}`, hint);
}

function credentialsError(reason: string, { environment, profile }: Target): Refused {
  const hint =
    'Log in (aws sso login --profile NAME, or aws configure) and name the profile: --profile NAME. ' +
    'To work on this machine only: --env local.';
  return new Refused(
    'NOT_ALLOWED',
    `No valid AWS credentials for ${environment}${profile ? ` in profile ${profile}` : ''}: ${oneLine(reason)}`,
    hint,
  );
}

function deniedError(reason: string, { environment }: Target): Refused {
  const hint = 'Request this permission, or use a profile that has it: --profile NAME.';
  return new Refused(
    'NOT_ALLOWED',
    `These credentials are not allowed to do this in ${environment}: ${oneLine(reason)}`,
    hint,
  );
}

function unreachableError(reason: string, { environment, endpoint }: Target): Refused {
  const hint =
    environment === 'local'
      ? 'Start the local system in another shell with npm start, or use a deployment: --env dev.'
      : 'Check the network, --region and --endpoint-url.';
  const where = endpoint ?? `AWS for ${environment}`;
  return new Refused('UNAVAILABLE', `Cannot reach ${where}: ${oneLine(reason) || 'no answer'}.`, hint);
}

function diskError(reason: string): Refused {
  const hint = 'Free some space or write it elsewhere; an incomplete file is not kept.';
  return new Refused('UNAVAILABLE', `A file could not be written: ${oneLine(reason)}.`, hint);
}

/** The SDK has no name for an answer that does not come from an AWS service. */
function strangerError({ endpoint = 'AWS' }: Target): Refused {
  const hint =
    'Check --endpoint-url, the AWS_ENDPOINT_URL variables, and whether there is a proxy in between.';
  return new Refused('UNAVAILABLE', `${endpoint} did not respond like DynamoDB.`, hint);
}

/** The service does not say which table is missing. */
function missingTableError({ environment, trackingTable, projectionTable, endpoint }: Target): Refused {
  const hint =
    endpoint === undefined
      ? 'Check --env, --region and --profile; if the table has another name, use --table and --projection-table.'
      : 'Is npm start running there? DynamoDB Local keeps tables apart by region and access key.';
  return new Refused(
    'UNAVAILABLE',
    `A table of ${environment} does not exist: ${trackingTable} or ${projectionTable}.`,
    hint,
  );
}

function missingBucketError(reason: string, { environment }: Target): Refused {
  const hint =
    'Set the names of the buckets: INPUT_BUCKET, MANIFEST_BUCKET, OUTPUT_BUCKET, QUARANTINE_BUCKET.';
  return new Refused('UNAVAILABLE', `A bucket of ${environment} does not exist: ${oneLine(reason)}`, hint);
}

function missingIndexError(reason: string, { trackingTable }: Target): Refused {
  const { partitionKey, sortKey } = TRACKING_SCHEMA.statusIndex;
  const hint = `Listing by status needs an index of the table by ${partitionKey} and ${sortKey}. Set its name as pipeline.records.status_index in settings.ENV.json.`;
  return new Refused('UNAVAILABLE', `${trackingTable} cannot list by status: ${reason}`, hint);
}

function missingRegionError({ environment }: Target): Refused {
  const hint = `Set region in settings.${environment}.json, add --region, set AWS_REGION, or set a region in the profile.`;
  return new Refused('USAGE', `No AWS region is known for ${environment}.`, hint);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
