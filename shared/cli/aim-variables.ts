import { LOCAL_PORT, LOCAL_PORT_VARIABLE } from '../aws/local-machine.ts';
import type { Variables } from '../aws/process-environment.ts';
import { LOCAL } from '../settings/environment-files.ts';
import { shellWord } from '../text/shell-text.ts';
import type { Target, TargetFlags } from './target.ts';

/** The shell's variables that lead a runbook to its target, each with the flag that wins over it, if there is one. */
const AIMING = [
  ['ENVIRONMENT', 'env'],
  ['TRACKING_TABLE', 'table'],
  ['PROJECTION_TABLE', 'projectionTable'],
  ['STATE_MANAGER_SETTINGS', undefined],
  ['AWS_ENDPOINT_URL_DYNAMODB', 'endpointUrl'],
  ['AWS_ENDPOINT_URL', undefined],
  ['AWS_PROFILE', 'profile'],
  ['AWS_REGION', 'region'],
  ['AWS_DEFAULT_REGION', 'region'],
] as const satisfies readonly (readonly [string, keyof TargetFlags | undefined])[];

const REGIONS: readonly string[] = ['AWS_REGION', 'AWS_DEFAULT_REGION'];

/** The system on this machine does not use them. */
const OF_AN_ACCOUNT: readonly string[] = ['AWS_PROFILE', ...REGIONS];

/**
 * The variables that decided the target, as words before a command: in another shell the command would work on another
 * one. A region that the settings name as well decides nothing. Keys are never printed.
 */
export function aimVariables(
  { environment, home }: Pick<Target, 'environment' | 'home'>,
  flags: TargetFlags,
  shell: Variables,
): string[] {
  const isLocal = environment === LOCAL;
  const isUsed = ([name, flag]: (typeof AIMING)[number]) =>
    (flag === undefined || flags[flag] === undefined) &&
    !(isLocal && OF_AN_ACCOUNT.includes(name)) &&
    !(isLocal && name === 'ENVIRONMENT') &&
    !(REGIONS.includes(name) && shell[name] === home.region);
  const names = AIMING.filter(isUsed).map(([name]) => name);
  const port = isLocal && shell[LOCAL_PORT_VARIABLE] !== String(LOCAL_PORT) ? [LOCAL_PORT_VARIABLE] : [];
  return [...names, ...port].flatMap((name) => {
    const value = shell[name];
    return value ? [`${name}=${shellWord(value)}`] : [];
  });
}
