/** Where the State Manager runs: `local` is one machine, the others are deployments. */
export const ENVIRONMENTS = ['local', 'dev', 'prod'] as const;

/** The functions, each named after its file in `handlers/`. */
export type FunctionName =
  | 'stream-consumer'
  | 'operations'
  | 'dashboard-widget'
  | 'stats-publisher'
  | 'orphan-sweep'
  | 'consistency-audit'
  | 'projection-rebuild'
  | 'watchdog';

/** What the parts of one environment are called. */
export type DeploymentNames = ReturnType<typeof deploymentNames>;

const PREFIX = 'ndjson-parquet-state-management';

/** Names are fixed per environment, so that documented commands work as they stand. */
export function deploymentNames(environment: string) {
  return {
    trackingTable: `ndjson-parquet-sqs-file-tracking-${environment}`,
    projectionTable: `ndjson-parquet-state-manager-${environment}`,
    inputBucket: `ndjson-parquet-input-sqs-${environment}`,
    manifestBucket: `ndjson-parquet-manifest-${environment}`,
    outputBucket: `ndjson-parquet-output-${environment}`,
    quarantineBucket: `ndjson-parquet-quarantine-${environment}`,
    deadLetterBucket: `ndjson-parquet-state-manager-dead-letters-${environment}`,
    operationsFunction: functionName('operations', environment),
    consumerFunction: functionName('stream-consumer', environment),
    /** Every alarm's name begins with it. */
    alarmPrefix: `${PREFIX}-${environment}`,
  } as const;
}

/** The name of a function in AWS. The operations are what people call, and have the shortest one. */
export function functionName(name: FunctionName, environment: string): string {
  return name === 'operations' ? `${PREFIX}-${environment}` : partName(name, environment);
}

/** The name of any other part of an environment: a schedule, a state machine. */
export function partName(part: string, environment: string): string {
  return `${PREFIX}-${part}-${environment}`;
}

/** What lies where in the dead letter bucket. */
export const BUCKET_PREFIXES = {
  /** What the consumer could not apply. */
  deadLetters: 'dead-letters/',
  /** Batches that Lambda gave up; their keys are Lambda's own: `aws/lambda/<mapping>/<shard>/…`. */
  givenUp: 'aws/lambda/',
  /** Lists of issues, plans, and results, with a folder for each job that makes them. */
  runs: 'runs/',
} as const;

/** Where in the dead letter bucket a function leaves what its runs came to; the prefix ends with a slash. */
export function runsFolder(name: FunctionName): string {
  return `${BUCKET_PREFIXES.runs}${name}/`;
}
