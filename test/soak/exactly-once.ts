import { Refused } from '../../shared/text/refused.ts';
import { PROJECTION_TABLE, startBenchSystem } from '../bench/bench-system.ts';
import { checkSchedules, LANES } from '../model/check-schedules.ts';
import { FAULT_KINDS } from '../model/fault-kinds.ts';
import { createTally, type Tally } from '../model/world.ts';
import { parseSoakFlags, type SoakFlags } from './flags.ts';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

// A table of its own for each: what no schedule looks for is found soon, and the table stays small.
const SCHEDULES_PER_TABLE = 400;

try {
  const flags = await parseSoakFlags(process.argv.slice(2));
  if (flags) process.exitCode = await soak(flags);
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  process.stderr.write(`${error.message}\n${error.hint}\n`);
  process.exitCode = error.exitCode;
}

/** @returns the exit code: 1 when something was found */
async function soak({ runs, seed, minutes, path }: SoakFlags): Promise<number> {
  const system = await startBenchSystem();
  const tally = createTally();
  const begun = performance.now();
  const isOver = () => tally.of('schedule') >= runs || performance.now() - begun > minutes * 60_000;
  try {
    for (let next = seed; !isOver(); next += LANES) {
      const ground = { dynamoDb: (await system.database()).dynamoDb, table: PROJECTION_TABLE };
      const left = Math.min(SCHEDULES_PER_TABLE, runs - tally.of('schedule'));
      const errors = await checkSchedules({ seed: next, runs: left, path }, ground, tally);
      ground.dynamoDb.destroy();
      if (errors.length > 0) {
        process.stdout.write(`${errors.join('\n')}\n`);
        return 1;
      }
      if (path !== undefined) return 0;
      process.stdout.write(`${progress(tally, begun)}\n`);
    }
    process.stdout.write(`\n${summary(tally)}\n0 differences (seed ${seed})\n`);
    return 0;
  } finally {
    await system.stop();
  }
}

function progress(tally: Tally, begun: number): string {
  const seconds = (performance.now() - begun) / 1000;
  const schedules = tally.of('schedule');
  const rate = (schedules / seconds).toFixed(1);
  return `${schedules} schedules, ${tally.of('transition')} transitions, 0 differences, ${rate} a second`;
}

/** Faults last, so that one sees each of them happened. */
function summary(tally: Tally): string {
  const faults = new Set<string>(FAULT_KINDS);
  const line = ([name, count]: readonly [string, number]) => `${String(count).padStart(9)}  ${name}`;
  const happened = [...tally.all()].filter(([name]) => !faults.has(name)).map(line);
  const injected = FAULT_KINDS.map((kind) => line([kind, tally.of(kind)]));
  return [...happened, '', 'Faults that befell calls:', ...injected, ''].join('\n');
}
