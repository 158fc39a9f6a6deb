import { LocalSetupError } from './setup-error.ts';

const DEFAULT_PORT = 4800;

/** Names and addresses of the local system: fixed, so that documented commands work as they stand. */
export interface LocalSettings {
  /** The Lambda API and the page; DynamoDB and S3 have the next two ports. */
  readonly port: number;
  readonly names: typeof LOCAL_NAMES;
  /** What a deployment gives its functions, and the SDK's own variables that lead to this machine. */
  readonly environment: Readonly<Record<string, string>>;
}

export const LOCAL_NAMES = {
  trackingTable: 'ndjson-parquet-sqs-file-tracking-local',
  projectionTable: 'ndjson-parquet-state-manager-local',
  inputBucket: 'ndjson-parquet-input-sqs-local',
  manifestBucket: 'ndjson-parquet-manifest-local',
  outputBucket: 'ndjson-parquet-output-local',
  quarantineBucket: 'ndjson-parquet-quarantine-local',
  deadLetterBucket: 'ndjson-parquet-state-manager-dead-letters-local',
  operationsFunction: 'ndjson-parquet-state-management-local',
  consumerFunction: 'ndjson-parquet-state-management-stream-consumer-local',
} as const;

/**
 * The settings for the port in `STATE_MANAGER_PORT`, or for 4800.
 *
 * @throws LocalSetupError when the variable holds no port
 */
export function localSettings(variables: NodeJS.ProcessEnv): LocalSettings {
  const port = parsePort(variables.STATE_MANAGER_PORT);
  return { port, names: LOCAL_NAMES, environment: environmentOf(port) };
}

function parsePort(text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULT_PORT;
  const port = Number(text);
  // DynamoDB and S3 take the two ports above it.
  if (Number.isInteger(port) && port >= 1024 && port <= 65_533) return port;
  throw new LocalSetupError(
    `STATE_MANAGER_PORT: received "${text}", allowed is a port from 1024 to 65533.`,
    `Leave it out to use ${DEFAULT_PORT}, ${DEFAULT_PORT + 1} and ${DEFAULT_PORT + 2}.`,
  );
}

function environmentOf(port: number): Record<string, string> {
  return {
    ENVIRONMENT: 'local',
    TRACKING_TABLE: LOCAL_NAMES.trackingTable,
    PROJECTION_TABLE: LOCAL_NAMES.projectionTable,
    INPUT_BUCKET: LOCAL_NAMES.inputBucket,
    MANIFEST_BUCKET: LOCAL_NAMES.manifestBucket,
    OUTPUT_BUCKET: LOCAL_NAMES.outputBucket,
    QUARANTINE_BUCKET: LOCAL_NAMES.quarantineBucket,
    DEAD_LETTER_BUCKET: LOCAL_NAMES.deadLetterBucket,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${port + 1}`,
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port + 2}`,
    // Lambda runs Node 24; the notice about an older Node here is none of a function's log.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}
