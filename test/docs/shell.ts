import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildSync } from 'esbuild';
import { LOCAL_PORT } from '../../shared/aws/local-machine.ts';
import { type Ended, ending, RUNBOOKS } from '../support/runbook.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Stands for `npx tsx`, which would compile a runbook anew for every command: most of the time it takes. */
const NPX = `#!/bin/sh
[ "$1" = tsx ] || { echo "npx $*: only tsx is known here" >&2; exit 127; }
runbook=$(basename "$2" .ts)
shift 2
exec node "$(dirname "$0")/$runbook.mjs" "$@"
`;

/** A shell in a folder of its own, where commands find the runbooks and may leave files. */
export interface Shell {
  run(command: string): Promise<Ended>;
  close(): void;
}

/**
 * @param preface lines that come before every command
 * @param port of the local system that commands are to reach instead of the documented one
 */
export function openShell(preface: readonly string[], port: number): Shell {
  const folder = mkdtempSync(join(tmpdir(), 'state-manager-shell-'));
  const bin = join(folder, 'bin');
  compileRunbooks(bin);
  writeFileSync(join(bin, 'npx'), NPX, { mode: 0o755 });
  writeFileSync(join(folder, 'aws-config'), '[default]\ncli_binary_format = raw-in-base64-out\n');
  const env = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: process.env.HOME,
    STATE_MANAGER_PORT: String(port),
    AWS_CONFIG_FILE: join(folder, 'aws-config'),
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_PAGER: '',
  };
  return {
    run(command) {
      const script = onPort(['set -o pipefail', ...preface, command].join('\n'), port);
      return ending(spawn('bash', ['-c', script], { cwd: folder, env }));
    },
    close: () => rmSync(folder, { recursive: true }),
  };
}

/** All at once, as they share nearly all that they consist of. */
function compileRunbooks(folder: string): void {
  buildSync({
    entryPoints: RUNBOOKS.map((name) => `runbooks/${name}.ts`),
    absWorkingDir: ROOT,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    // For packages in CommonJS that load built-in modules.
    banner: {
      js: "import { createRequire as requireFor } from 'node:module'; const require = requireFor(import.meta.url);",
    },
    logLevel: 'error',
  });
}

/** The documented addresses of page, DynamoDB and S3, moved. */
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
