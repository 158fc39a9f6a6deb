import { serviceTrouble } from '../aws/faults.ts';
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
/** What S3 and other servers answer to a DynamoDB request. */
const STRANGERS = new Set(['InvalidAction', 'Unknown', 'UnknownOperationException']);
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'EPROTO',
  'ETIMEDOUT',
]);
/** What Node says about a certificate that it does not trust: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const CERTIFICATE = /^(?:CERT_|UNABLE_TO_|ERR_TLS_CERT_)|SELF_SIGNED_CERT/;
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
  return target && faultOf(error, target);
}

function faultOf(error: unknown, target: Target): Refused | undefined {
  const { name, code, message } = (error ?? {}) as Fault;
  const [kind, text] = [String(name), String(message)];
  if (CREDENTIALS.has(kind)) return credentialsError(text, target);
  if (DENIED.has(kind)) return deniedError(text, target);
  if (DISK.has(String(code))) return diskError(text);
  if (UNREACHABLE.has(String(code)) || kind === 'TimeoutError') return unreachableError(text, target);
  if (CERTIFICATE.test(String(code))) return untrustedError(text, target);
  if (/Deserialization error/.test(text)) return strangerError(target);
  const trouble = serviceTrouble(error);
  if (trouble) return troubleError(trouble, kind, text);
  if (STRANGERS.has(kind)) return strangerError(target);
  if (kind === 'ResourceNotFoundException') return missingTableError(target);
  if (kind === 'NoSuchBucket') return missingBucketError(text, target);
  if (/does not have the specified index/.test(text)) return missingIndexError(text, target);
  if (/^Region is missing/.test(text)) return missingRegionError(target);
  return undefined;
}

const THROTTLERS: Readonly<Record<string, string>> = {
  SlowDown: 'S3',
  // Lambda, CloudFormation and others.
  Throttling: 'AWS',
  TooManyRequestsException: 'AWS',
};

function troubleError(trouble: 'throttled' | 'failed', kind: string, reason: string): Refused {
  if (trouble === 'throttled') {
    const service = THROTTLERS[kind] ?? 'DynamoDB';
    const hint = 'Try again in a moment, or with a smaller range of dates.';
    return new Refused('UNAVAILABLE', `${service} is throttling requests: ${oneLine(reason)}`, hint);
  }
  const hint = 'The command itself was right: run it again in a moment.';
  return new Refused('UNAVAILABLE', `A service of AWS failed, with ${kind}: ${oneLine(reason)}`, hint);
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

function unreachableError(reason: string, { environment, endpoint, start }: Target): Refused {
  const hint =
    environment === 'local'
      ? `Start the local system in another shell with ${start}, or use a deployment: --env dev.`
      : 'Check the network, --region and --endpoint-url.';
  const where = endpoint ?? `AWS for ${environment}`;
  return new Refused('UNAVAILABLE', `Cannot reach ${where}: ${sentence(reason || 'no answer')}`, hint);
}

function untrustedError(reason: string, { environment, endpoint }: Target): Refused {
  const hint =
    'If a proxy opens encrypted connections, name the file with its certificate: NODE_EXTRA_CA_CERTS=FILE. Otherwise check --endpoint-url.';
  const where = endpoint ?? `AWS for ${environment}`;
  return new Refused('UNAVAILABLE', `The certificate of ${where} is not trusted: ${sentence(reason)}`, hint);
}

function diskError(reason: string): Refused {
  const hint = 'Free some space or write it elsewhere; an incomplete file is not kept.';
  return new Refused('UNAVAILABLE', `A file could not be written: ${sentence(reason)}`, hint);
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

/** Reasons come with and without a full stop. */
function sentence(reason: string): string {
  return `${oneLine(reason).replace(/\.+$/, '')}.`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
