import { spawnSync } from 'node:child_process';
import { processVariables } from '../shared/aws/process-environment.ts';
import { DEPLOYED_ENVIRONMENTS, environmentSettings, missingVariables } from './settings.ts';

/** Runs a command of the CDK on one environment: `npm run deploy -- --env dev`, `npm run diff -- --env prod`. */
const [command = '', ...flags] = process.argv.slice(2);
process.exitCode = await run(command, flags);

/** @returns the exit code: that of the CDK, or 2 when it was not even asked */
async function run(command: string, flags: readonly string[]): Promise<number> {
  const { env, others } = takeEnv(flags);
  const environment = DEPLOYED_ENVIRONMENTS.find((name) => name === env);
  if (!environment) return refuse(unknownEnvironment(command, env));
  const settings = environmentSettings(environment, processVariables());
  const missing = missingVariables(settings);
  if (missing.length > 0) return refuse(unknownTable(environment, missing));
  const cdk = ['cdk', command, `${environment}/*`, '--context', `environment=${environment}`, ...others];
  const code = spawnSync('npx', cdk, { stdio: 'inherit' }).status ?? 1;
  if (command !== 'deploy' || !settings.keepData) return code;
  // Not before it is needed: to load the SDK takes longer than all the rest.
  const { protectDeployed } = await import('./protect.ts');
  return protectDeployed(settings, others, code);
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

function unknownEnvironment(command: string, received: string | undefined): string {
  const allowed = DEPLOYED_ENVIRONMENTS.join(', ');
  const problem = received === undefined ? '--env is missing' : `--env: received "${received}"`;
  return `${problem}, allowed: ${allowed}.\nFor example: npm run ${command} -- --env dev`;
}

function unknownTable(environment: string, missing: readonly string[]): string {
  return [
    `Of the tracking table of ${environment} only placeholders are known: set ${missing.join(' and ')}.`,
    'Both are in the answer of: aws dynamodb describe-table --table-name TABLE (TableArn, LatestStreamArn).',
  ].join('\n');
}
