import {
  ADD_ENVIRONMENT,
  deployedEnvironments,
  readEnvironment,
} from '../shared/settings/environment-files.ts';
import { type EnvironmentSettings, hasPlaceholders } from '../shared/settings/environment-settings.ts';

export type { EnvironmentSettings } from '../shared/settings/environment-settings.ts';

/**
 * The settings of an environment that can be deployed.
 *
 * @throws Error if it has no file, or if its settings cannot be used
 */
export function environmentSettings(
  environment: string,
  variables: Readonly<Record<string, string | undefined>>,
): EnvironmentSettings {
  const allowed = deployedEnvironments(variables);
  if (allowed.includes(environment)) return readEnvironment(environment, variables);
  throw new Error(`received "${environment}", allowed: ${allowed.join(', ')}. ${ADD_ENVIRONMENT}`);
}

/** The account and region that an environment is bound to; an environment that names neither can be deployed anywhere. */
export function targetOf({ trackingTable, account, region }: EnvironmentSettings): {
  account?: string;
  region?: string;
} {
  const [, , , tableRegion, tableAccount] =
    trackingTable.kind === 'existing' ? trackingTable.tableArn.split(':') : [];
  const target = { account: account ?? tableAccount, region: region ?? tableRegion };
  return Object.fromEntries(Object.entries(target).filter(([, value]) => value !== undefined));
}

/** What must be set before this can be deployed; the placeholders are only good for synthesizing. */
export function missingSettings(settings: EnvironmentSettings): string[] {
  return hasPlaceholders(settings) ? ['tracking_table.stream_arn'] : [];
}
