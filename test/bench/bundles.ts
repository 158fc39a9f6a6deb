import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { bundle, handlerFile } from '../../infra/bundle.ts';
import { FUNCTIONS } from '../../infra/functions/all.ts';
import { localSettings } from '../../infra/local/settings.ts';
import { configVariables } from '../../shared/aws/config.ts';
import { medianBy } from './numbers.ts';

/** The start-up cost of a function. */
export interface BundleCost {
  readonly name: string;
  readonly kilobytes: number;
  /** Zipped, as it is uploaded and stored. */
  readonly zippedKilobytes: number;
  /** Time to load the bundle in a new process: the median of several. */
  readonly importMillis: number;
}

export const BARE_CLIENT = 'bare SDK client';

/** Bundles every handler as it is deployed, and a bare SDK client for comparison. */
export function measureBundles(runs: number): BundleCost[] {
  const folder = mkdtempSync(join(tmpdir(), 'state-manager-bundles-'));
  const modules = {
    [BARE_CLIENT]: fileURLToPath(new URL('../fixtures/bare-client.ts', import.meta.url)),
    ...Object.fromEntries(FUNCTIONS.map(({ handler }) => [handler, handlerFile(handler)])),
  };
  try {
    bundle(modules, folder);
    const files = Object.keys(modules).map((name) => ({ name, file: join(folder, name, 'index.mjs') }));
    // In turns, so that a busy moment of the machine does not affect only one bundle.
    const rounds = Array.from({ length: runs }, () => files.map(({ file }) => importMillis(file)));
    return files.map(({ name, file }, i) => ({
      name,
      ...sizesOf(file),
      importMillis: medianBy(
        rounds.map((round) => round[i] ?? 0),
        (millis) => millis,
      ),
    }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function sizesOf(file: string): Pick<BundleCost, 'kilobytes' | 'zippedKilobytes'> {
  const code = readFileSync(file);
  return { kilobytes: code.length / 1_024, zippedKilobytes: gzipSync(code).length / 1_024 };
}

function importMillis(file: string): number {
  const script = `const start = performance.now();
    await import(${JSON.stringify(pathToFileURL(file).href)});
    console.log(performance.now() - start);
    process.exit(0);`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    // A handler reads its configuration when it is loaded.
    env: { ...localSettings({}).environment, ...configVariables({ streamMapping: 'none' }) },
    encoding: 'utf8',
  });
  // Node quotes the line that threw, and a bundle is a single line of half a megabyte.
  if (status !== 0) throw new Error(`${file} cannot be imported: ${stderr.slice(-1_000)}`);
  return Number(stdout.trim().split('\n').at(-1));
}
