import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildSync, type Metafile } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const HANDLERS = join(ROOT, 'handlers');

/**
 * How a handler is bundled for deployment: into one ES module with everything in it, so that a function starts without
 * searching for packages and runs the SDK that was tested, not the one of its runtime.
 */
const OPTIONS = {
  bundle: true,
  platform: 'node',
  // The version that the tests run on; Lambda's Node 24 supports all of it.
  target: 'node20',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  // The SDK's CommonJS builds, which come first by default, cannot be tree-shaken and are 50% larger.
  mainFields: ['module', 'main'],
  minify: true,
  // Errors and loggers report their class by its name.
  keepNames: true,
  sourcemap: 'linked',
  // A stack trace needs only names and lines; with the sources, the map is several times as large as the code.
  sourcesContent: false,
  legalComments: 'none',
  // Some packages are CommonJS and load built-in modules with `require`, which an ES module does not have.
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  absWorkingDir: ROOT,
  logLevel: 'error',
} as const satisfies BuildOptions;

/** Where a handler's code is, below the project's root. */
export function handlerFile(name: string): string {
  return join(HANDLERS, `${name}.ts`);
}

/** Where a handler's bundle is, below the folder that the bundles were written into. */
export function bundleFile(folder: string, name: string): string {
  return join(folder, name, 'index.mjs');
}

/** Bundles every handler, as {@link bundle} does. */
export function bundleHandlers(folder: string): void {
  const files = readdirSync(HANDLERS).filter((file) => file.endsWith('.ts'));
  const names = files.map((file) => basename(file, '.ts'));
  bundle(Object.fromEntries(names.map((name) => [name, handlerFile(name)])), folder);
}

/**
 * Bundles modules, keyed by the names of their bundles: each becomes `<folder>/<name>/index.mjs` with its source map
 * beside it. The same sources give the same bytes, so a deployment changes only what has changed. One build makes all of
 * them, because they share most of their code, which is then read only once.
 *
 * @returns what the bundles are made of
 */
export function bundle(modules: Readonly<Record<string, string>>, folder: string): Metafile {
  const entryPoints = Object.entries(modules).map(([name, file]) => ({ in: file, out: join(name, 'index') }));
  return buildSync({ ...OPTIONS, entryPoints, outdir: folder, metafile: true }).metafile;
}
