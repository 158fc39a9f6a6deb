import type { RunContext } from '../../shared/cli/command.ts';
import { LOCAL, readEnvironment } from '../../shared/settings/environment-files.ts';
import type { EnvironmentSettings } from '../../shared/settings/environment-settings.ts';
import { shellWord } from '../../shared/text/shell-text.ts';

/** What is asked about: one environment, and how to write the commands that fix it. All of it is known beforehand. */
export interface Asked {
  readonly settings: EnvironmentSettings;
  readonly environment: string;
  readonly local: boolean;
  /** What is actually checked: flags and variables may have named it. */
  readonly trackingTable: string;
  readonly projectionTable: string;
  readonly buckets: Readonly<Record<BucketName, string>>;
  readonly region: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** This command line, to be run again. */
  readonly again: string;
  /** A command of the AWS CLI, for the same region and profile. */
  aws(...words: readonly string[]): string;
  /** A runbook on the same target. */
  runbook(name: string, ...args: readonly string[]): string;
  /** Where to put a setting. */
  readonly file: string;
  /** Starts the local system. */
  readonly start: string;
  readonly deploy: string;
  /** A command of the CDK, with the same profile. */
  cdk(...words: readonly string[]): string;
}

export type BucketName = 'input' | 'manifest' | 'output' | 'quarantine';

/** @param region that of the clients */
export function askedOf(
  { target, variables, deps, again, commandLine, now }: RunContext,
  region: string,
): Asked {
  const { environment, profile, trackingTable, projectionTable, start } = target;
  const named = profile ? ['--profile', profile] : [];
  return {
    settings: readEnvironment(environment, variables),
    environment,
    local: environment === LOCAL,
    trackingTable,
    projectionTable,
    buckets: deps.storage.buckets,
    region,
    now,
    again: again([]),
    aws: (...words) => ['aws', ...words, '--region', region, ...named].map(shellWord).join(' '),
    runbook: (name, ...args) => commandLine(name, args),
    start,
    file: `settings.${environment}.json`,
    cdk: (...words) => ['npx', 'cdk', ...words, ...named].map(shellWord).join(' '),
    deploy: ['npm run deploy --', '--env', environment, ...named].join(' '),
  };
}
