import { Refused } from '../../shared/text/refused.ts';
import { withBenchSystem } from './bench-system.ts';
import { type BenchFlags, parseFlags } from './flags.ts';
import { describeMachine, isBusy, machineText } from './machine.ts';
import { printTable } from './print.ts';
import { recordLife } from './recorded-life.ts';
import { growthText, type Report, SUMMARY_HEAD, summaryCells, writeJson } from './report.ts';
import { writeResults } from './results.ts';
import type { BenchRun, SectionResult } from './section.ts';
import { SECTIONS } from './sections.ts';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const FILES = 600;

try {
  const flags = await parseFlags(process.argv.slice(2), SECTIONS);
  if (flags) await bench(flags);
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  process.stderr.write(`${error.message}\n${error.hint}\n`);
  process.exitCode = error.exitCode;
}

async function bench(flags: BenchFlags): Promise<void> {
  const date = new Date().toISOString();
  const machine = describeMachine();
  process.stderr.write(`${machineText(machine)}\n`);
  if (isBusy(machine)) process.stderr.write('The machine is busy: rates will be lower than they could be.\n');
  const begun = performance.now();
  const results = await runSections(flags, date);
  const report: Report = {
    date,
    machine,
    seconds: secondsSince(begun),
    rows: results.flatMap(({ rows }) => rows),
    growth: results.flatMap(({ growth }) => growth),
  };
  printReport(report);
  if (flags.json !== undefined) writeJson(report, flags.json);
  if (flags.writeResults) writeResults(report);
}

async function runSections({ large, only, writeUnits }: BenchFlags, date: string): Promise<SectionResult[]> {
  const run: BenchRun = { large, date, writeUnits, lives: once(recordLives) };
  const results: SectionResult[] = [];
  for (const section of SECTIONS.filter(({ name }) => only.length === 0 || only.includes(name))) {
    process.stderr.write(`${section.name}: ${section.about} ...\n`);
    const begun = performance.now();
    results.push(await section.run(run));
    process.stderr.write(`${section.name}: ${secondsSince(begun).toFixed(0)} s\n`);
  }
  return results;
}

function recordLives() {
  process.stderr.write(`Simulating the lives of ${FILES} files, half a minute ...\n`);
  return withBenchSystem(async (system) => recordLife(await system.database(), FILES));
}

function secondsSince(begun: number): number {
  return (performance.now() - begun) / 1_000;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function printReport({ rows, growth, machine, seconds }: Report): void {
  printTable('Summary', SUMMARY_HEAD, rows.map(summaryCells));
  process.stdout.write(`\n${growth.map(growthText).join('\n')}\n`);
  process.stdout.write(`\n${machineText(machine)}; ${Math.round(seconds)} s\n`);
}
