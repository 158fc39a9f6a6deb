import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isBusy, machineText } from './machine.ts';
import { shownNumber } from './numbers.ts';
import { goalText, growthText, type Report, SUMMARY_HEAD, summaryCells } from './report.ts';
import type { Row } from './row.ts';
import type { SectionReport } from './section.ts';

const FILE = fileURLToPath(new URL('RESULTS.md', import.meta.url));

const HEAD = [
  '# Results of the benchmark',
  'Written by `npm run bench -- --write-results`, which replaces the sections that it measures: nothing in this file ' +
    'is typed by hand. Each ratio compares two values of the same run, so it says more than the values themselves, ' +
    'which depend on this machine and on DynamoDB Local.',
];

const BUSY = '**The machine was busy when the run began, so its rates are lower than usual.**';

/** Replaces the sections of a run in the results, which are stored next to the code that measured them. */
export function writeResults(report: Report, order: readonly { readonly name: string }[]): void {
  const names = order.map(({ name }) => name);
  writeFileSync(FILE, resultsText(report, readFileSync(FILE, 'utf8'), names));
}

/**
 * The results as Markdown; everything in it comes from a run.
 *
 * @param former what the file held: sections that this run did not measure keep their text
 * @param order names of all sections; a section that is not among them is left out
 */
export function resultsText(report: Report, former: string, order: readonly string[]): string {
  const kept = sectionTexts(former);
  const measured = new Map(report.sections.map((section) => [section.name, sectionText(section, report)]));
  const texts = order.flatMap((name) => measured.get(name) ?? kept.get(name) ?? []);
  return `${[...HEAD, ...texts].join('\n\n')}\n`;
}

/** The text of each section by its name; a section goes from its heading to the next one. */
function sectionTexts(text: string): Map<string, string> {
  const [, ...parts] = text.split(/^## /m);
  return new Map(parts.map((part) => [part.slice(0, part.indexOf('\n')), `## ${part}`.trimEnd()]));
}

function sectionText(section: SectionReport, { date, machine }: Report): string {
  const { name, about, seconds, rows, growth } = section;
  return [
    `## ${name}`,
    `${about[0]?.toUpperCase()}${about.slice(1)}.`,
    `Measured on ${date.slice(0, 10)} in ${durationText(seconds)}: ${machineText(machine)}.`,
    ...(isBusy(machine) ? [BUSY] : []),
    markdownTable(SUMMARY_HEAD, rows.map(summaryCells)),
    ...(growth.length > 0 ? [growth.map((one) => `- ${growthText(one)}`).join('\n')] : []),
    ...rows.filter(({ met }) => met === false).map(explanation),
  ].join('\n\n');
}

function durationText(seconds: number): string {
  return seconds < 120 ? `${Math.round(seconds)} seconds` : `${Math.round(seconds / 60)} minutes`;
}

function explanation({ name, goal, unit, value, ratio, size, sizeUnit }: Row): string {
  if (!goal) return '';
  const reached = shownNumber(goal.of === 'ratio' ? ratio : value);
  const what = `${name}, ${shownNumber(size)} ${sizeUnit}`;
  return `**Missed: ${what}**: reached ${reached}, the goal is ${goalText(goal, unit)}. ${goal.because}`;
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
