import { writeFileSync } from 'node:fs';
import type { Machine } from './machine.ts';
import { shownNumber } from './numbers.ts';
import type { Goal, Row } from './row.ts';
import type { Growth } from './section.ts';

/** All that one run measured. */
export interface Report {
  /** When it began, UTC. */
  readonly date: string;
  readonly machine: Machine;
  readonly seconds: number;
  readonly rows: readonly Row[];
  readonly growth: readonly Growth[];
}

export const SUMMARY_HEAD = [
  'section',
  'measured',
  'input',
  'value',
  'compared with',
  'its value',
  'ratio',
  'goal',
];

/** The cells of a row, for whatever draws the table. */
export function summaryCells(row: Row): string[] {
  return [
    row.section,
    row.name,
    `${shownNumber(row.size)} ${row.sizeUnit}`,
    `${shownNumber(row.value)} ${row.unit}`,
    row.baseline,
    shownNumber(row.baselineValue),
    shownNumber(row.ratio),
    row.goal ? `${goalText(row.goal, row.unit)}: ${row.met ? 'met' : 'MISSED'}` : '',
  ];
}

export function goalText({ of, bound, limit }: Goal, unit: string): string {
  const bounded = `${bound === 'at least' ? '≥' : '≤'} ${shownNumber(limit)}`;
  return of === 'ratio' ? `ratio ${bounded}` : `${bounded} ${unit}`;
}

/** One sentence, such as `get_stats: read units grow with n^0.00 …`. */
export function growthText({ cost, sizeUnit, points, exponent, factor, offBy }: Growth): string {
  const sizes = points.map(({ size }) => size);
  const [least, most] = [shownNumber(Math.min(...sizes)), shownNumber(Math.max(...sizes))];
  const law = `${shownNumber(factor)} · n^${withoutMinusZero(exponent)}`;
  const distance = `${shownNumber((offBy - 1) * 100)}%`;
  return `${cost} = ${law}, n being ${least} to ${most} ${sizeUnit} (off by ${distance} at most)`;
}

function withoutMinusZero(exponent: number): string {
  const text = exponent.toFixed(2);
  return text === '-0.00' ? '0.00' : text;
}

export function writeJson(report: Report, file: string): void {
  writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
}
