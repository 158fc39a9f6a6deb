import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What goes into the bundle. The lockfile stands for everything of other packages. */
const SOURCES = ['runbooks', 'shared', 'package-lock.json'];
const ENTRY = join('runbooks', 'run.ts');

/**
 * All runbooks as plain JavaScript, each in a chunk of its own, with only what they use of their packages. The bundle
 * is built when a source has changed, which takes two seconds, and then kept.
 *
 * @param {string} root the project's folder
 * @param {string} folder where bundles are kept
 * @returns {Promise<string>} the file that starts it
 */
export async function freshBundle(root, folder) {
  const entry = join(folder, `run-${fingerprint(root)}.mjs`);
  if (!existsSync(entry)) await makeBundle(root, entry);
  return entry;
}

/**
 * Names, sizes and times: reading the sources themselves would take as long as starting them.
 *
 * @param {string} root
 */
function fingerprint(root) {
  const hash = createHash('sha1');
  for (const path of SOURCES.flatMap((source) => filesIn(join(root, source)))) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesIn(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isDirectory()) return found ? [path] : [];
  return readdirSync(path).flatMap((name) => filesIn(join(path, name)));
}

/**
 * @param {string} root
 * @param {string} entry
 */
async function makeBundle(root, entry) {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [{ in: ENTRY, out: basename(entry, '.mjs') }],
    absWorkingDir: root,
    outdir: dirname(entry),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // The SDK's CommonJS builds, which come first by default, cannot be split.
    mainFields: ['module', 'main'],
    // The list of runbooks is read from their sources.
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(join(root, ENTRY)).href) },
    // Some packages are CommonJS and load built-in modules by `require`, which an ES module does not have.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    legalComments: 'none',
    logLevel: 'error',
    write: false,
  });
  mkdirSync(dirname(entry), { recursive: true });
  // The entry is written last, and atomically: whoever sees it finds everything that it needs.
  const inOrder = outputFiles.toSorted((a, b) => Number(a.path === entry) - Number(b.path === entry));
  for (const { path, contents } of inOrder) {
    writeFileSync(`${path}.${process.pid}`, contents);
    renameSync(`${path}.${process.pid}`, path);
  }
}
