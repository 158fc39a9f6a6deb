import { endpointOf } from '../aws/client-settings.ts';
import { configVariables, readConfig } from '../aws/config.ts';
import { LOCAL_PORT_VARIABLE, localConnection, localPort, startCommand } from '../aws/local-machine.ts';
import type { Variables } from '../aws/process-environment.ts';
import { type ApprovalRule, approvalRuleOf } from '../changes/approval-rule.ts';
import { ADD_ENVIRONMENT, knownEnvironments, LOCAL, readEnvironment } from '../settings/environment-files.ts';
import type { DeploymentNames, EnvironmentSettings } from '../settings/environment-settings.ts';
import { errorText } from '../text/error-text.ts';
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
  /** Where it is, according to the settings; changes are made nowhere else. */
  readonly home: Pick<EnvironmentSettings, 'account' | 'region'>;
  /** Which changes need approval: only the settings say so. */
  readonly approval: ApprovalRule | undefined;
  /** What the parts of the deployment are called. */
  readonly names: Pick<DeploymentNames, 'alarmPrefix' | 'consumerFunction'>;
  /** The command that starts it, where it is on this machine. */
  readonly start: string;
}

/** What a runbook works on, and the variables that say so. */
export interface Place {
  readonly target: Target;
  readonly variables: Variables;
}

const KEYS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];
const ENDPOINTS = ['AWS_ENDPOINT_URL_LAMBDA', 'AWS_ENDPOINT_URL_DYNAMODB', 'AWS_ENDPOINT_URL_S3'];

/**
 * What a runbook works on: flags win over the shell's variables, these over the settings of the environment, which are
 * those it is deployed with, and for `local` over the addresses on this machine.
 *
 * @throws Refused when the environment is unknown, does not fit the other flags, or has settings that cannot be used
 */
export function findTarget(flags: TargetFlags, shell: Variables): Place {
  const environment = flags.env ?? shell.ENVIRONMENT ?? LOCAL;
  const given = { ...shell, ENVIRONMENT: environment, ...typedVariables(flags, shell) };
  checkEnvironment(environment, flags, given);
  const settings = orRefused(() => readEnvironment(environment, shell));
  const named = { ...settingsVariables(settings), ...given };
  const variables = environment === LOCAL ? localVariables(named, flags.region) : withProfile(named, flags);
  return { variables, target: describeTarget(variables, settings) };
}

/**
 * The environments that a runbook can be given.
 *
 * @throws Refused when the folder of the settings is not a folder
 */
export function environmentsIn(shell: Variables): string[] {
  return orRefused(() => knownEnvironments(shell));
}

function orRefused<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw usageError(errorText(error), 'Correct it, then run the command again.');
  }
}

function typedVariables(flags: TargetFlags, shell: Variables): Variables {
  return defined({
    TRACKING_TABLE: flags.table,
    PROJECTION_TABLE: flags.projectionTable,
    AWS_REGION: flags.region ?? shell.AWS_REGION ?? shell.AWS_DEFAULT_REGION,
    AWS_ENDPOINT_URL_DYNAMODB: flags.endpointUrl,
  });
}

function settingsVariables(settings: EnvironmentSettings): Variables {
  const { environment, names, profile, region } = settings;
  const pipelineProfile = JSON.stringify(profile);
  const readUnitsPerSecond = String(settings.readUnitsPerSecond);
  return {
    ...configVariables({ environment, ...names, pipelineProfile, readUnitsPerSecond }),
    ...defined({ AWS_REGION: region }),
  };
}

/** The SDK prefers keys in variables to a profile, but whoever names a profile means the profile. */
function withProfile(variables: Variables, { profile }: TargetFlags): Variables {
  return profile ? { ...without(variables, KEYS), AWS_PROFILE: profile } : variables;
}

/** The word in any spelling of a name: `a-prod`, `a_prod`, `prod2`, `ProdA`, but not `products`. */
const PRODUCTION =
  /(?<![A-Za-z])(?:[Pp]rod(?:uction)?|PROD(?:UCTION)?)(?![a-z])|(?<=[a-z])Prod(?:uction)?(?![a-z])/;

function describeTarget(variables: Variables, settings: EnvironmentSettings): Target {
  const config = readConfig(['environment', 'trackingTable', 'projectionTable'], variables);
  return {
    ...config,
    names: settings.names,
    approval: approvalRuleOf(settings),
    home: { account: settings.account, region: settings.region },
    profile: variables.AWS_PROFILE,
    endpoint: endpointOf(variables, 'DYNAMODB'),
    start: startCommand(variables),
    // A table named by hand may be production's, whatever environment was given.
    production:
      settings.production ||
      [config.environment, config.trackingTable, config.projectionTable].some((name) =>
        PRODUCTION.test(name),
      ),
  };
}

function checkEnvironment(environment: string, flags: TargetFlags, given: Variables): void {
  const environments = environmentsIn(given);
  const known = environments.includes(environment);
  // A mistyped name must not lead to tables that the shell happens to name.
  const hasTables = flags.env
    ? flags.table && flags.projectionTable
    : given.TRACKING_TABLE && given.PROJECTION_TABLE;
  if (!known && !hasTables) {
    throw usageError(
      `${flags.env ? '--env' : 'ENVIRONMENT'}: received "${environment}", allowed: ${environments.join(', ')}.`,
      `${ADD_ENVIRONMENT} Or give its tables as well: --table and --projection-table.`,
    );
  }
  if (environment === LOCAL && flags.profile) {
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
