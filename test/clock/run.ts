import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { buildSync } from 'esbuild';
import { isMomentName, MOMENTS, type Moment, type MomentName } from './moments.ts';
import { MIDNIGHT_VARIABLE, OFFSET_VARIABLE } from './offset.ts';
import { selectFiles } from './selection.ts';

/**
 * Runs tests with the clock moved and in far zones: `npm run test:clock` those that read the clock at every
 * moment, `npm run test:clock -- --at leap-day test/handlers` some at one, `--whole` all tests.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { at: { type: 'string', multiple: true }, whole: { type: 'boolean' } },
});
const filesAt = selectFiles();
const folder = mkdtempSync(join(tmpdir(), 'state-manager-clock-'));
try {
  const preload = buildPreload(join(folder, 'preload.mjs'));
  const failed = chosen(values.at).filter((name) => !passes(name, preload));
  for (const name of failed) say(`Failed with another clock; again: npm run test:clock -- --at ${name}`);
  process.exitCode = failed.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true });
}

function chosen(names: readonly string[] = Object.keys(MOMENTS)): MomentName[] {
  return names.map((name) => {
    if (isMomentName(name)) return name;
    throw new Error(`--at: received "${name}", allowed are ${Object.keys(MOMENTS).join(', ')}.`);
  });
}

/** Plain JavaScript in one file, as it is loaded where nothing that compiles is yet. */
function buildPreload(outfile: string): string {
  const entryPoints = [fileURLToPath(new URL('preload.ts', import.meta.url))];
  buildSync({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' });
  return pathToFileURL(outfile).href;
}

function passes(name: MomentName, preload: string): boolean {
  const files = positionals.length > 0 || values.whole ? positionals : filesAt(name);
  const moment: Moment = MOMENTS[name];
  const now = new Date();
  const start = moment.start(now);
  say(`\nThe clock at ${name}: ${new Date(start).toISOString()}, TZ=${moment.zone}`);
  const { status } = spawnSync(
    'npx',
    ['vitest', 'run', '--config', 'test/clock/vitest.config.ts', ...files],
    {
      stdio: 'inherit',
      env: {
        ...process.env,
        NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${preload}`.trim(),
        [OFFSET_VARIABLE]: String(start - now.getTime()),
        [MIDNIGHT_VARIABLE]: String(moment.midnight?.(now) ?? ''),
        TZ: moment.zone,
      },
    },
  );
  return status === 0;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
