import { endpointOf } from '../aws/client-settings.ts';
import { configVariables, readConfig } from '../aws/config.ts';
import { deploymentNames, ENVIRONMENTS } from '../aws/deployment-names.ts';
import { LOCAL_PORT_VARIABLE, localConnection, localPort } from '../aws/local-machine.ts';
import type { Variables } from '../aws/process-environment.ts';
import { usageError } from '../text/refused.ts';

/** The flags that say what a runbook works on. */
export interface TargetFlags {
  readonly env?: string | undefined;
  readonly table?: string | undefined;
  readonly projectionTable?: string | undefined;
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
  readonly endpointUrl?: string | undefined;
}

/** What a runbook works on. */
export interface Target {
  readonly environment: string;
  readonly trackingTable: string;
  readonly projectionTable: string;
  /** The AWS profile in use, where one is named. */
  readonly profile: string | undefined;
  /** Where DynamoDB is, when it is not AWS's own. */
  readonly endpoint: string | undefined;
  /** In production a change needs the table's name typed once more. */
  readonly production: boolean;
}

const KEYS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];
const ENDPOINTS = ['AWS_ENDPOINT_URL_LAMBDA', 'AWS_ENDPOINT_URL_DYNAMODB', 'AWS_ENDPOINT_URL_S3'];

/**
 * The variables a runbook runs with: flags win over the shell's variables, these over the names and, for
 * `local`, the addresses that an environment has by convention.
 *
 * @throws Refused when the environment is unknown or does not fit the other flags
 */
export function targetVariables(flags: TargetFlags, shell: Variables): Variables {
  const environment = flags.env ?? shell.ENVIRONMENT ?? 'local';
  const given = {
    ...shell,
    ENVIRONMENT: environment,
    ...defined({
      TRACKING_TABLE: flags.table,
      PROJECTION_TABLE: flags.projectionTable,
      AWS_REGION: flags.region ?? shell.AWS_REGION ?? shell.AWS_DEFAULT_REGION,
      AWS_ENDPOINT_URL_DYNAMODB: flags.endpointUrl,
    }),
  };
  checkEnvironment(environment, flags, given);
  const named = { ...configVariables({ environment, ...deploymentNames(environment) }), ...given };
  if (environment === 'local') return localVariables(named, flags.region);
  // The SDK prefers keys in variables to a profile; whoever names a profile means the profile.
  return flags.profile ? { ...without(named, KEYS), AWS_PROFILE: flags.profile } : named;
}

/** What the variables of `targetVariables` amount to. */
export function describeTarget(variables: Variables): Target {
  const config = readConfig(['environment', 'trackingTable', 'projectionTable'], variables);
  return {
    ...config,
    profile: variables.AWS_PROFILE,
    endpoint: endpointOf(variables, 'DYNAMODB'),
    // A table named by hand may be production's whatever the environment is said to be.
    production: [config.environment, config.trackingTable, config.projectionTable].some((name) =>
      /\bprod(uction)?\b/i.test(name),
    ),
  };
}

function checkEnvironment(environment: string, flags: TargetFlags, given: Variables): void {
  const known = (ENVIRONMENTS as readonly string[]).includes(environment);
  // A name typed wrong must not lead to tables that the shell happens to name.
  const hasTables = flags.env
    ? flags.table && flags.projectionTable
    : given.TRACKING_TABLE && given.PROJECTION_TABLE;
  if (!known && !hasTables) {
    throw usageError(
      `${flags.env ? '--env' : 'ENVIRONMENT'}: received "${environment}", allowed: ${ENVIRONMENTS.join(', ')}.`,
      'For another name, give its tables as well: --table and --projection-table.',
    );
  }
  if (environment === 'local' && flags.profile) {
    throw usageError(
      `--profile: received "${flags.profile}", but the environment is local, which has no AWS account.`,
      'Give the environment as well, for example --env dev.',
    );
  }
}

/**
 * Without an endpoint of its own, `local` is the system on this machine, whatever region and credentials the
 * shell has: they belong to an account and would open another, empty database there.
 */
function localVariables(given: Variables, region: string | undefined): Variables {
  const port = localPort(given[LOCAL_PORT_VARIABLE]);
  if (port === undefined) {
    throw usageError(
      `${LOCAL_PORT_VARIABLE}: received "${given[LOCAL_PORT_VARIABLE]}", allowed: a port from 1024 to 65533.`,
      'Unset it to use the default ports.',
    );
  }
  const machine = localConnection(port);
  if (given.AWS_ENDPOINT_URL_DYNAMODB) return { ...machine, ...given };
  if (given.AWS_ENDPOINT_URL) return { ...without(machine, ENDPOINTS), ...given };
  return { ...without(given, [...KEYS, 'AWS_PROFILE']), ...machine, ...defined({ AWS_REGION: region }) };
}

function without(variables: Variables, names: readonly string[]): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !names.includes(name)));
}

function defined(variables: Variables): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined));
}
