import { writeFileSync } from 'node:fs';
import type { Machine } from './machine.ts';
import { shownNumber } from './numbers.ts';
import type { Goal, Row } from './row.ts';
import type { Growth, SectionReport } from './section.ts';

/** Everything that one run measured. */
export interface Report {
  /** When it began, UTC. */
  readonly date: string;
  readonly machine: Machine;
  readonly seconds: number;
  readonly sections: readonly SectionReport[];
}

export const SUMMARY_HEAD = ['measured', 'input', 'value', 'compared with', 'its value', 'ratio', 'goal'];

/** The cells of a row, as text. */
export function summaryCells(row: Row): string[] {
  return [
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

/** One sentence, such as `get_stats: read units = 0.5 · n^0.00, …`. Two points always fit, so only more are judged. */
export function growthText({ cost, sizeUnit, points, exponent, factor, offBy }: Growth): string {
  const sizes = points.map(({ size }) => size);
  const [least, most] = [shownNumber(Math.min(...sizes)), shownNumber(Math.max(...sizes))];
  const law = `${shownNumber(factor)} · n^${withoutMinusZero(exponent)}`;
  const distance = points.length > 2 ? ` (off by ${shownNumber((offBy - 1) * 100)}% at most)` : '';
  return `${cost} = ${law}, n being ${least} to ${most} ${sizeUnit}${distance}`;
}

function withoutMinusZero(exponent: number): string {
  const text = exponent.toFixed(2);
  return text === '-0.00' ? '0.00' : text;
}

export function writeJson(report: Report, file: string): void {
  writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
}
