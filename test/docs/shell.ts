import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LOCAL_PORT } from '../../shared/aws/local-machine.ts';
import { type Ended, ending } from '../support/runbook.ts';
import { STAND_IN, startCommandHost } from './command-host.ts';

/** A shell in its own folder, where commands find the runbooks and may leave files. */
export interface Shell {
  run(command: string): Promise<Ended>;
  close(): void;
}

/**
 * Opens a shell. Until it is closed, this process works in the shell's folder too, because it runs the runbooks.
 *
 * @param preface lines before every command
 * @param variables variables of the commands, in addition to those of every test
 * @param port of the local system that commands reach instead of the documented one
 * @param standIns the programs that this process replaces: `npx`, `aws`
 */
export async function openShell(
  preface: readonly string[],
  variables: Readonly<Record<string, string>>,
  port: number,
  standIns: readonly string[],
): Promise<Shell> {
  const folder = mkdtempSync(join(tmpdir(), 'state-manager-shell-'));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const name of standIns) writeFileSync(join(bin, name), STAND_IN, { mode: 0o755 });
  writeFileSync(join(folder, 'aws-config'), '[default]\ncli_binary_format = raw-in-base64-out\n');
  const env = {
    COMMAND_HOST: join(folder, 'host'),
    PATH: `${bin}:${process.env.PATH}`,
    HOME: process.env.HOME,
    ...variables,
    STATE_MANAGER_PORT: String(port),
    AWS_CONFIG_FILE: join(folder, 'aws-config'),
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_PAGER: '',
  };
  const closeHost = await startCommandHost(env.COMMAND_HOST);
  const before = process.cwd();
  process.chdir(folder);
  return {
    run(command) {
      const script = onPort(['set -o pipefail', ...preface, command].join('\n'), port);
      return ending(spawn('bash', ['-c', script], { cwd: folder, env }));
    },
    close() {
      process.chdir(before);
      closeHost();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Replaces the documented addresses of page, DynamoDB and S3 by those of the test. */
function onPort(script: string, port: number): string {
  return script.replace(
    /127\.0\.0\.1:(48\d\d)\b/g,
    (_, each) => `127.0.0.1:${port + Number(each) - LOCAL_PORT}`,
  );
}

/** Whether the AWS CLI is installed, in any version. */
export async function hasAwsCli(): Promise<boolean> {
  return promisify(execFile)('aws', ['--version']).then(
    () => true,
    () => false,
  );
}
