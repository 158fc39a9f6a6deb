import { readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import { parseCommandLine } from '../../shared/cli/command-line.ts';
import { Refused } from '../../shared/text/refused.ts';
import { measureRush } from '../bench/contention.ts';
import { printTable } from '../bench/print.ts';
import { withTables } from '../docs/tables.ts';
import type { Outcome } from './scenarios.ts';
import {
  CONTENTION_HEAD,
  type Contention,
  contentionRows,
  LIMIT_HEAD,
  limitRows,
  MEASURED_CONTENTION,
  markdownTable,
  OUTCOME_HEAD,
  outcomeCells,
  simulateVolume,
  VOLUMES,
} from './tables.ts';

const PAGE = new URL('../../docs/scale.md', import.meta.url);
/** Consumers and seconds, as in the benchmark's section `contention`. */
const RUSHES = [
  [1, 8],
  [4, 8],
  [16, 4],
  [64, 3],
] as const;

const COMMAND = {
  script: 'npm run simulate --',
  description: "Simulates the consumers of a day of files, under AWS's documented rules",
  flags: z.object({
    filesPerDay: z.coerce
      .number('allowed: a number such as 1e9')
      .min(1e4, 'allowed: 1e4 to 1e9')
      .max(1e9, 'allowed: 1e4 to 1e9')
      .optional()
      .describe('Simulate this number of files only'),
    measure: z
      .boolean()
      .default(false)
      .describe('First run the real code again, which the model is compared with; takes two minutes'),
    write: z.boolean().default(false).describe('Write the tables of docs/scale.md'),
  }),
  examples: [['--files-per-day 1e9', 'a billion files a day']],
} as const;

try {
  const line = await parseCommandLine(COMMAND, process.argv.slice(2), 110);
  if (line.help !== undefined) process.stdout.write(`${line.help}\n`);
  else await run(line.flags);
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  process.stderr.write(`${error.message}\n${error.hint}\n`);
  process.exitCode = error.exitCode;
}

async function run({ filesPerDay, measure, write }: z.output<typeof COMMAND.flags>): Promise<void> {
  if (measure) await measureContention();
  const outcomes: Outcome[] = [];
  for (const volume of filesPerDay === undefined || write ? VOLUMES : [filesPerDay])
    outcomes.push(...(await simulateVolume(volume)));
  const limits = limitRows(outcomes);
  const contention = await contentionRows();
  printTable('A day of files', OUTCOME_HEAD, outcomes.map(outcomeCells));
  printTable('Which limits are reached first', LIMIT_HEAD, limits);
  printTable('The model compared with the real code', CONTENTION_HEAD, contention);
  if (!write) return;
  const tables = {
    simulated: markdownTable(OUTCOME_HEAD, outcomes.map(outcomeCells)),
    limits: markdownTable(LIMIT_HEAD, limits),
    contention: markdownTable(CONTENTION_HEAD, contention),
  };
  writeFileSync(PAGE, withTables(readFileSync(PAGE, 'utf8'), tables));
}

async function measureContention(): Promise<void> {
  const measured: Contention[] = [];
  for (const [consumers, seconds] of RUSHES) {
    const rush = { design: 'present', consumers, batchSize: 200, seconds, conflicts: true, seed: 1 } as const;
    const { transitions, cancelled, sent, p99 } = await measureRush(rush);
    measured.push({
      ...{ consumers, seconds, p99: Math.round(p99) },
      transitionsPerSecond: Math.round(transitions / seconds),
      cancelledPercent: Number(((100 * cancelled) / sent).toFixed(2)),
    });
  }
  writeFileSync(MEASURED_CONTENTION, `${JSON.stringify(measured, undefined, 2)}\n`);
}
