import type { EnvironmentSettings } from '../settings/environment-settings.ts';

/** The functions, each named after its file in `handlers/`. */
export type FunctionName =
  | 'stream-consumer'
  | 'operations'
  | 'operations-read'
  | 'dashboard-widget'
  | 'stats-publisher'
  | 'orphan-sweep'
  | 'consistency-audit'
  | 'projection-rebuild'
  | 'watchdog'
  | 'outlet';

type Named = Pick<EnvironmentSettings, 'environment' | 'names'>;

/** The name of a function in AWS. The operations function, which people call, may have a name of its own. */
export function functionName(name: FunctionName, settings: Named): string {
  return name === 'operations' ? settings.names.operationsFunction : partName(name, settings);
}

/** The name of any other part of an environment: a schedule, a state machine. */
export function partName(
  part: string,
  {
    environment,
    names,
  }: { readonly environment: string; readonly names: Pick<Named['names'], 'functionPrefix'> },
): string {
  return `${names.functionPrefix}-${part}-${environment}`;
}

/** The log group of a function of that name. */
export function logGroupName(name: string): string {
  return `/aws/lambda/${name}`;
}

/** The prefixes in the dead letter bucket. */
export const BUCKET_PREFIXES = {
  /** What the consumer could not apply. */
  deadLetters: 'dead-letters/',
  /** Batches that Lambda gave up; their keys are Lambda's own: `aws/lambda/<mapping>/<shard>/…`. */
  givenUp: 'aws/lambda/',
  /** Lists of issues, plans, and results, with a folder for each job that makes them. */
  runs: 'runs/',
} as const;

/** Where in the dead letter bucket a function leaves the results of its runs; the prefix ends with a slash. */
export function runsFolder(name: FunctionName): string {
  return `${BUCKET_PREFIXES.runs}${name}/`;
}
