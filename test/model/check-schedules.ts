import fc from 'fast-check';
import { runSchedule } from './run-schedule.ts';
import { type Schedule, schedule } from './schedule.ts';
import { createLedger, tableErrors } from './whole-table.ts';
import type { Ground, Tally } from './world.ts';

/** Which schedules are run. */
export interface Selection {
  readonly seed: number;
  readonly runs: number;
  /** With the seed, as a failure printed them: only that schedule is run. */
  readonly path?: string | undefined;
}

/** How many seeds a selection uses up, from its own on: one for each schedule that runs at the same time. */
export const LANES = 8;

/**
 * Runs many schedules on one table, some at the same time, and then looks at the table as a whole.
 *
 * @returns what was found wrong, with the way to see it again; empty when all is well
 */
export async function checkSchedules(selection: Selection, ground: Ground, tally: Tally): Promise<string[]> {
  const ledger = createLedger();
  const found: string[] = [];
  let runs = 0;
  /** The seed that has found something, which is then made smaller; the others need not go on. */
  let failing: number | undefined;

  async function runOne(given: Schedule): Promise<void> {
    runs += 1;
    const { differences, truths, trace } = await runSchedule(given, `run-${runs}`, ground, tally);
    ledger.enter(truths);
    tally.add('call', trace.length);
    if (differences.length > 0) throw new Error([...differences, '', 'Its calls:', ...trace].join('\n'));
  }

  async function check(seed: number, numRuns: number, path = ''): Promise<void> {
    const property = fc.asyncProperty(schedule, async (given) => {
      if (failing !== undefined && failing !== seed) return;
      await runOne(given).catch((error: unknown) => {
        failing ??= seed;
        throw error;
      });
    });
    const details = await fc.check(property, { seed, numRuns, path });
    if (details.failed) found.push(describe(details));
  }

  if (selection.path !== undefined) await check(selection.seed, 1, selection.path);
  else {
    const each = Math.ceil(selection.runs / LANES);
    await Promise.all(Array.from({ length: LANES }, (_, lane) => check(selection.seed + lane, each)));
  }
  if (found.length > 0) return found;
  const errors = await tableErrors(ground, ledger);
  const { seed, runs: wanted } = selection;
  return errors.length > 0
    ? [`The whole table is wrong after --seed ${seed} --runs ${wanted}:`, ...errors]
    : [];
}

function describe(details: fc.RunDetails<[Schedule]>): string {
  const { seed, counterexamplePath, errorInstance } = details;
  const schedules = fc.stringify(details.counterexample?.[0]);
  return [
    `A schedule was found that goes wrong; see it again with`,
    `  npm run test:soak -- --seed ${seed} --path ${counterexamplePath}`,
    `Schedule: ${schedules}`,
    String(errorInstance instanceof Error ? errorInstance.message : errorInstance),
  ].join('\n');
}
