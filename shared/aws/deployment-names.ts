/** Where the State Manager runs: `local` is one machine, the others are deployments. */
export const ENVIRONMENTS = ['local', 'dev', 'prod'] as const;

/** What the parts of one environment are called. */
export type DeploymentNames = ReturnType<typeof deploymentNames>;

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
    operationsFunction: `ndjson-parquet-state-management-${environment}`,
    consumerFunction: `ndjson-parquet-state-management-stream-consumer-${environment}`,
    /** Every alarm's name begins with it. */
    alarmPrefix: `ndjson-parquet-state-management-${environment}`,
  } as const;
}
