import { isBelievable } from '../../shared/data-proof/totals.ts';
import type { Audited, Swept, VerifiedNight } from './checks.ts';
import { type Comparison, compareAudit, compareSweep } from './compare.ts';
import { compareData } from './data-rules.ts';
import { DAY } from './plan.ts';
import { conditionOf, idOfFile, isConvertedBefore, type KnownFile, type Told, type Truth } from './rules.ts';

/** One thing in which a report and the truth differ. */
export interface Mistake {
  readonly nowMillis: number;
  readonly what:
    | 'false'
    | 'missed'
    | 'data_false'
    | 'data_missed'
    | 'changed'
    | 'drift'
    | 'outputs_not_found'
    | 'unknown'
    | 'not_fixed';
  readonly file?: KnownFile | undefined;
  readonly told?: Told | undefined;
  readonly detail?: string;
}

/** What was told, and how it compares with the truth. */
export interface Watch {
  onSweep(truth: Truth, swept: Swept): void;
  onAudit(truth: Truth, audited: Audited): void;
  onNewSweep(truth: Truth, swept: Swept): void;
  add(mistake: Mistake): void;
  /** The files that the last sweep told of rightly. */
  open(): ReadonlySet<string>;
  /** When rows last proved a file lost, by date and key. */
  readonly lostByRows: ReadonlyMap<string, number>;
  /** The types of findings that rows rightly gave each file. */
  readonly foundByRows: ReadonlyMap<string, ReadonlySet<string>>;
  readonly mistakes: readonly Mistake[];
  /** By date and key: what was rightly told. */
  readonly found: ReadonlyMap<string, readonly Told[]>;
}

const BY_ROWS: ReadonlySet<string> = new Set(['rows_in_output', 'no_rows']);

/** Compares each report with the truth as it comes, and keeps what differs. */
export function createWatch(): Watch {
  const mistakes: Mistake[] = [];
  const found = new Map<string, Told[]>();
  const first = new Map<string, string>();
  let open = new Set<string>();
  const lostByRows = new Map<string, number>();
  const foundByRows = new Map<string, Set<string>>();
  const take = ({ nowMillis }: Truth, comparison: Comparison) => {
    for (const { file, told } of comparison.found) {
      found.set(idOfFile(file), [...(found.get(idOfFile(file)) ?? []), told]);
    }
    for (const { file, told } of comparison.wrong) mistakes.push({ nowMillis, what: 'false', file, told });
    for (const file of comparison.missed) mistakes.push({ nowMillis, what: 'missed', file });
  };
  const checkNumbers = ({ nowMillis }: Truth, { report: { totals, unknown } }: Swept) => {
    if (totals.outputs_not_found > 0) mistakes.push({ nowMillis, what: 'outputs_not_found' });
    if (unknown > 0) mistakes.push({ nowMillis, what: 'unknown', detail: `${unknown} files` });
  };
  const takeData = (truth: Truth, verified: VerifiedNight) => {
    const { nowMillis } = truth;
    const { found, wrong, missed } = compareData(truth, verified);
    for (const { file, finding } of found) {
      const id = idOfFile(file);
      foundByRows.set(id, (foundByRows.get(id) ?? new Set()).add(finding.type));
      if (finding.type === 'lost' && isBelievable(verified.proof)) lostByRows.set(id, nowMillis);
    }
    for (const { file, finding } of wrong)
      mistakes.push({ nowMillis, what: 'data_false', file, detail: JSON.stringify(finding) });
    for (const file of missed) mistakes.push({ nowMillis, what: 'data_missed', file });
    const { unread, files } = verified.proof;
    if (unread + files.unknown > 0)
      mistakes.push({ nowMillis, what: 'unknown', detail: `rows of ${verified.date}` });
  };
  return {
    mistakes,
    found,
    lostByRows,
    foundByRows,
    add: (mistake) => void mistakes.push(mistake),
    open: () => open,
    onSweep(truth, swept) {
      const comparison = compareSweep(truth, swept);
      take(truth, comparison);
      checkNumbers(truth, swept);
      if (swept.isWhole) open = new Set(comparison.found.map(({ file }) => idOfFile(file)));
      for (const { file, told } of comparison.found) {
        const said = sayingOf(told);
        // What the rows of a night told says more than what was seen before.
        const state = `${stateOf(file)}${BY_ROWS.has(told.cause)}`;
        const before = first.get(state) ?? said;
        if (before !== said)
          mistakes.push({ nowMillis: truth.nowMillis, what: 'changed', file, told, detail: before });
        first.set(state, said);
      }
    },
    onAudit(truth, { date, told, totals, data }) {
      const { nowMillis } = truth;
      if (data) takeData(truth, data);
      take(truth, compareAudit(truth, date, told));
      const drift = Object.values(totals.drift).reduce((sum, count) => sum + count, 0);
      if (drift > 0) mistakes.push({ nowMillis, what: 'drift', detail: `${date} ${drift}` });
    },
    onNewSweep(truth, swept) {
      const { nowMillis } = truth;
      const { wrong, missed } = compareSweep(truth, swept);
      // Why it is so may not be known any more; but that it is so has to be true.
      for (const { file, told } of wrong) {
        if (!file || (conditionOf(file).is === 'well' && !isConvertedBefore(file, truth)))
          mistakes.push({ nowMillis, what: 'false', file, told, detail: 'as new' });
      }
      for (const file of missed) {
        if (isEvident(file, truth)) mistakes.push({ nowMillis, what: 'missed', file, detail: 'as new' });
      }
      checkNumbers(truth, swept);
    },
  };
}

/** Whether its manifest is still there, and its age can be read from its record. */
function isEvident({ statusMillis = 0, faults }: KnownFile, { nowMillis, lifecycle }: Truth): boolean {
  const isOdd = faults.some(
    ({ fault }) => fault === 'odd_time' || fault === 'unknown_status' || fault === 'odd_suffix',
  );
  return !isOdd && nowMillis - statusMillis < lifecycle.manifest * DAY;
}

/** As long as this is the same, so has to be what is told. */
function stateOf(file: KnownFile): string {
  const { expected, status, stranded, uploads, operated, input } = file;
  const inputMatters = status === 'pending' && input;
  return JSON.stringify([
    ...[idOfFile(file), expected, status, stranded, uploads.length],
    ...[operated?.atMillis, inputMatters],
  ]);
}

/** What other jobs of the date have written since says nothing of a file whose output is lost. */
function sayingOf({ kind, cause }: Told): string {
  return `${kind} ${cause === 'no_output' ? 'no_output_in_time' : cause}`;
}
