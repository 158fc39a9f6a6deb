import { Refused } from '../../shared/text/refused.ts';
import { withBenchSystem } from './bench-system.ts';
import { type BenchFlags, parseFlags } from './flags.ts';
import { describeMachine, isBusy, machineText } from './machine.ts';
import { printTable } from './print.ts';
import { recordLife } from './recorded-life.ts';
import { growthText, type Report, SUMMARY_HEAD, summaryCells, writeJson } from './report.ts';
import { writeResults } from './results.ts';
import type { BenchRun, SectionReport } from './section.ts';
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
  const sections = await runSections(flags, date);
  const report: Report = { date, machine, seconds: secondsSince(begun), sections };
  printReport(report);
  if (flags.json !== undefined) writeJson(report, flags.json);
  if (flags.writeResults) writeResults(report, SECTIONS);
}

async function runSections({ large, only, writeUnits }: BenchFlags, date: string): Promise<SectionReport[]> {
  const run: BenchRun = { large, date, writeUnits, lives: once(recordLives) };
  const reports: SectionReport[] = [];
  for (const section of SECTIONS.filter(({ name }) => only.length === 0 || only.includes(name))) {
    process.stderr.write(`${section.name}: ${section.about} ...\n`);
    const begun = performance.now();
    const result = await section.run(run);
    const { name, about } = section;
    reports.push({ name, about, seconds: secondsSince(begun), ...result });
    process.stderr.write(`${name}: ${secondsSince(begun).toFixed(0)} s\n`);
  }
  return reports;
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

function printReport({ sections, machine, seconds }: Report): void {
  for (const { name, rows, growth } of sections) {
    printTable(`Summary of ${name}`, SUMMARY_HEAD, rows.map(summaryCells));
    for (const one of growth) process.stdout.write(`${growthText(one)}\n`);
  }
  process.stdout.write(`\n${machineText(machine)}; ${Math.round(seconds)} s\n`);
}
