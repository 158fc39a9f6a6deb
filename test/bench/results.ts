import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isBusy, machineText } from './machine.ts';
import { shownNumber } from './numbers.ts';
import { goalText, growthText, type Report, SUMMARY_HEAD, summaryCells } from './report.ts';
import type { Row } from './row.ts';

const FILE = fileURLToPath(new URL('RESULTS.md', import.meta.url));

const BUSY = '**The machine was busy when the run began, so its rates are lower than usual.**';

/** Keeps the results of a run beside the code that measured them. */
export function writeResults(report: Report): void {
  writeFileSync(FILE, resultsText(report));
}

/** The results as Markdown: everything in it comes out of the run. */
export function resultsText(report: Report): string {
  const { date, machine, seconds, rows, growth } = report;
  const missed = rows.filter(({ met }) => met === false);
  return [
    '# Results of the benchmark',
    'Written by `npm run bench -- --write-results`, which measures everything again and replaces this file: nothing ' +
      'in it is typed by hand. Each ratio compares two values of the same run, so it says more than the values ' +
      'themselves, which depend on this machine and on DynamoDB Local.',
    `Measured on ${date.slice(0, 10)} in ${Math.round(seconds / 60)} minutes: ${machineText(machine)}.`,
    ...(isBusy(machine) ? [BUSY] : []),
    '## Summary',
    markdownTable(SUMMARY_HEAD, rows.map(summaryCells)),
    '## How costs grow',
    growth.map((one) => `- ${growthText(one)}`).join('\n'),
    '## Goals missed',
    ...(missed.length > 0 ? missed.map(explanation) : ['None.']),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

function explanation({ name, goal, unit, value, ratio, size, sizeUnit }: Row): string {
  if (!goal) return '';
  const reached = shownNumber(goal.of === 'ratio' ? ratio : value);
  const what = `${name}, ${shownNumber(size)} ${sizeUnit}`;
  return `**${what}**: reached ${reached}, the goal is ${goalText(goal, unit)}. ${goal.because}`;
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
