import { spawnSync } from 'node:child_process';
import { processVariables, type Variables } from '../shared/aws/process-environment.ts';
import { ADD_ENVIRONMENT, deployedEnvironments } from '../shared/settings/environment-files.ts';
import { errorText } from '../shared/text/error-text.ts';
import { type EnvironmentSettings, environmentSettings, missingSettings } from './settings.ts';

/** Runs a command of the CDK on one environment: `npm run deploy -- --env dev`, `npm run diff -- --env prod`. */
const [command = '', ...flags] = process.argv.slice(2);
process.exitCode = await run(command, flags);

/** @returns the exit code: that of the CDK, or 2 if it was not started */
async function run(command: string, flags: readonly string[]): Promise<number> {
  const { env, others } = takeEnv(flags);
  const variables = processVariables();
  const environments = deployedEnvironments(variables);
  if (env === undefined || !environments.includes(env))
    return refuse(unknownEnvironment(command, env, environments));
  const settings = settingsToDeploy(env, variables);
  if (typeof settings === 'string') return refuse(settings);
  const cdk = ['cdk', command, `${env}/*`, '--context', `environment=${env}`, ...others];
  const code = spawnSync('npx', cdk, { stdio: 'inherit' }).status ?? 1;
  if (command !== 'deploy' || !settings.keepData) return code;
  // Imported only when needed: loading the SDK takes longer than everything else here.
  const { protectDeployed } = await import('./protect.ts');
  return protectDeployed(settings, others, code);
}

/** The settings of an environment, or why it cannot be deployed. */
function settingsToDeploy(environment: string, variables: Variables): EnvironmentSettings | string {
  try {
    const settings = environmentSettings(environment, variables);
    const missing = missingSettings(settings);
    return missing.length > 0 ? unknownTable(environment, missing) : settings;
  } catch (error) {
    return errorText(error);
  }
}

/** Takes `--env dev` or `--env=dev` out of the flags; the others are the CDK's own. */
function takeEnv(flags: readonly string[]): { env: string | undefined; others: string[] } {
  const split = flags.flatMap((flag) => (flag.startsWith('--env=') ? ['--env', flag.slice(6)] : [flag]));
  const at = split.indexOf('--env');
  const [, env] = at < 0 ? [] : split.splice(at, 2);
  return { env, others: split };
}

function refuse(message: string): number {
  process.stderr.write(`${message}\n`);
  return 2;
}

function unknownEnvironment(
  command: string,
  received: string | undefined,
  environments: readonly string[],
): string {
  const allowed = environments.join(', ');
  const problem = received === undefined ? '--env is missing' : `--env: received "${received}"`;
  const example = `For example: npm run ${command} -- --env ${environments[0] ?? 'NAME'}`;
  return `${problem}, allowed: ${allowed}.\n${ADD_ENVIRONMENT}\n${example}`;
}

function unknownTable(environment: string, missing: readonly string[]): string {
  return [
    `The settings of ${environment} have only placeholders for the tracking table. Nothing was done.`,
    `Set ${missing.join(' and ')} in settings.${environment}.json, or in settings.${environment}.local.json, which is not committed.`,
    'To find it: aws dynamodb describe-table --table-name TABLE --query Table.LatestStreamArn',
  ].join('\n');
}
