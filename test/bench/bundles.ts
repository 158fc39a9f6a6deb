import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { bundle, handlerFile } from '../../infra/bundle.ts';
import { FUNCTIONS } from '../../infra/function-list.ts';
import { environmentSettings } from '../../infra/settings.ts';
import { configVariables } from '../../shared/aws/config.ts';

/** What a function costs before it does anything. */
export interface BundleCost {
  readonly name: string;
  readonly kilobytes: number;
  /** As it is uploaded and stored. */
  readonly zippedKilobytes: number;
  readonly mapKilobytes: number;
  /** Loading the bundle in a new process, the median of several. */
  readonly importMillis: number;
}

const BARE_CLIENT = 'bare SDK client';

/** Bundles every handler as it is deployed, and a bare SDK client to compare them with. */
export function measureBundles(runs = 9): BundleCost[] {
  const folder = mkdtempSync(join(tmpdir(), 'state-manager-bundles-'));
  const bare = fileURLToPath(new URL('../fixtures/bare-client.ts', import.meta.url));
  const modules = {
    [BARE_CLIENT]: bare,
    ...Object.fromEntries(FUNCTIONS.map(({ handler }) => [handler, handlerFile(handler)])),
  };
  try {
    bundle(modules, folder);
    return Object.keys(modules).map((name) => measure(name, join(folder, name, 'index.mjs'), runs));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function measure(name: string, file: string, runs: number): BundleCost {
  const code = readFileSync(file);
  return {
    name,
    kilobytes: code.length / 1_024,
    zippedKilobytes: gzipSync(code).length / 1_024,
    mapKilobytes: statSync(`${file}.map`).size / 1_024,
    importMillis: median(Array.from({ length: runs }, () => importMillis(file))),
  };
}

function importMillis(file: string): number {
  const script = `const start = performance.now();
    await import(${JSON.stringify(pathToFileURL(file).href)});
    console.log(performance.now() - start);
    process.exit(0);`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    env: environment(),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${file} cannot be imported: ${stderr}`);
  return Number(stdout.trim().split('\n').at(-1));
}

function environment(): Record<string, string> {
  return {
    ...configVariables({ environment: 'dev', ...environmentSettings('dev', {}).names }),
    AWS_REGION: 'us-east-1',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
