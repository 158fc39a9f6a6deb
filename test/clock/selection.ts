import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { isMomentName, MOMENTS, type MomentName } from './moments.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Asks for the time, or starts a process that may. */
const READS_CLOCK = /\bDate\.now\b|\bnew Date\(\)|\b(?:spawn|spawnSync|fork|execFile)\(/;
/** Starts the database of the whole run, whose clock is its own. */
const DATABASE = 'infra/local/dynamodb-local.ts';
/** When those tests run, once, that read times out of texts and never ask for one; `zone.test.ts` keeps zones out of the rest. */
const ONCE_IN_ZONE: MomentName = 'month-end';
const WITH_TIMES = /^test\/shared\/(text|pipeline)\//;

/** Shows that a moment is really there. */
const AT_EVERY_MOMENT = 'test/clock/moved-clock.test.ts';

/** Tests that take long: they are spread over the moments by hand, so that none takes longer than the others. */
const ONLY_AT: Readonly<Record<string, MomentName>> = {
  'test/runbooks/changes.test.ts': '400-days',
  'test/shared/orphans/s3-failures.test.ts': '400-days',
  'test/handlers/checks.test.ts': 'midnight',
  'test/shared/consistency/date-audit.test.ts': 'midnight',
  'test/shared/operations/find-orphans.test.ts': 'midnight',
  'test/runbooks/manifests.test.ts': 'midnight',
  'test/shared/changes/race.test.ts': '3-days',
  'test/runbooks/checks.test.ts': '3-days',
  'test/shared/consistency/audit.test.ts': '3-days',
  'test/runbooks/files.test.ts': '3-days',
  'test/runbooks/one-file.test.ts': 'leap-day',
  'test/runbooks/projection.test.ts': 'leap-day',
  'test/shared/orphans/sweep.test.ts': 'leap-day',
  'test/shared/healing/heal.test.ts': 'leap-day',
  'test/shared/orphans/field-faults.test.ts': 'leap-day',
  'test/shared/consistency/field-kinds.test.ts': 'leap-day',
  'test/shared/consistency/uploaded-again.test.ts': 'month-end',
  'test/shared/operations/listed-as-counted.test.ts': 'month-end',
  'test/shared/operations/spellings.test.ts': '3-days',
  'test/shared/orphans/lasting-evidence.test.ts': '3-days',
  'test/runbooks/doors.test.ts': '3-days',
  'test/runbooks/process.test.ts': '400-days',
  'test/runbooks/printed-commands.test.ts': '400-days',
  'test/shared/data-proof/verify-date.test.ts': '3-days',
  'test/shared/orphans/overdue-sweep.test.ts': 'month-end',
};

/** Tests that run at no moment but with `--whole`. */
const LEFT_OUT = [
  // Start processes or name what could, and are about nothing that has a time.
  'test/bench/results.test.ts',
  'test/docs/references.test.ts',
  'test/faults/full-disk.test.ts',
  'test/infra/bundle.test.ts',
  'test/infra/cdk.test.ts',
  'test/infra/local-lambda/function.test.ts',
  'test/infra/people.test.ts',
  'test/infra/protect.test.ts',
  'test/infra/third-environment.test.ts',
  'test/runbooks/descriptions.test.ts',
  'test/runbooks/failures.test.ts',
  'test/runbooks/hostile-records.test.ts',
  'test/runbooks/interrupt.test.ts',
  'test/runbooks/run.test.ts',
  // Take long, on clocks of their own.
  'test/infra/simulator/builder.test.ts',
  'test/infra/simulator/job.test.ts',
  'test/infra/simulator/upload.test.ts',
  'test/shared/changes/apply-plan.test.ts',
  'test/shared/changes/cut-off.test.ts',
  'test/shared/projection/apply.test.ts',
];

/** Gives the test files to run at a moment: of those that read the clock its share, unless it is told otherwise above. */
export function selectFiles(): (moment: MomentName) => string[] {
  const files = testFiles();
  const gone = [...Object.keys(ONLY_AT), ...LEFT_OUT].filter((file) => !files.includes(file));
  if (gone.length > 0) throw new Error(`test/clock/selection.ts names what is no test: ${gone.join(', ')}.`);
  const readers = clockReaders(files);
  return (moment) =>
    files.filter((file) => {
      if (LEFT_OUT.includes(file)) return false;
      if (readers.has(file)) return momentsOf(file).includes(moment);
      return (ONLY_AT[file] ?? ONCE_IN_ZONE) === moment && WITH_TIMES.test(file);
    });
}

/**
 * A test that reads the clock runs at one moment. Which one is spread over the tests, since neighbours do the same with
 * times: all at each of them took longer than all other checks together. `--whole` runs any test at any moment. It is the
 * same at each run, and for a file whatever others there are.
 */
function momentsOf(file: string): MomentName[] {
  const all = Object.keys(MOMENTS).filter(isMomentName);
  if (file === AT_EVERY_MOMENT) return all;
  const only = ONLY_AT[file];
  if (only !== undefined) return [only];
  const chosen = all[createHash('sha256').update(file).digest().readUInt32BE() % all.length];
  return chosen === undefined ? [] : [chosen];
}

function testFiles(): string[] {
  const names = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.test.ts') && !name.endsWith('.long.test.ts'))
    .map((name) => `test/${name}`);
}

/** Those of the tests that read the clock, themselves or in anything of this project that they use. */
function clockReaders(entryPoints: string[]): Set<string> {
  const { metafile } = buildSync({
    ...{ entryPoints, outdir: 'unused', absWorkingDir: ROOT, packages: 'external', logLevel: 'error' },
    ...{ bundle: true, write: false, metafile: true, platform: 'node', format: 'esm' },
  });
  const reads = new Map(Object.keys(metafile.inputs).map((file) => [file, readsClock(file)]));
  const isReader = ({ inputs }: { inputs: object }) => Object.keys(inputs).some((file) => reads.get(file));
  return new Set(
    Object.values(metafile.outputs).flatMap((output) => (isReader(output) ? (output.entryPoint ?? []) : [])),
  );
}

function readsClock(file: string): boolean {
  return file !== DATABASE && READS_CLOCK.test(readFileSync(join(ROOT, file), 'utf8'));
}
