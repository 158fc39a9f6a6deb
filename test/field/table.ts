import type { Fault } from '../../infra/simulator/faults.ts';
import { isFixed, type Played } from './play.ts';
import { idOfFile, type KnownFile } from './rules.ts';

/** What reports each fault; or why there is nothing to find. */
const TOLD_BY: Readonly<Partial<Record<Fault, string>>> = {
  builder_died: 'sweep',
  lock_left: 'sweep',
  manifest_lost: 'sweep',
  manifest_overwritten:
    'sweep, for files that the manifest no longer lists; the others are converted twice, which rows show',
  never_started: 'sweep',
  job_hung: 'sweep, unless it ends within the limit',
  job_timed_out: 'sweep, until it fails after 48 hours',
  updater_missed: 'sweep',
  output_lost: 'sweep; by rows if another job of the date wrote at that time',
  odd_suffix: 'sweep, or the list of unknown statuses',
  unknown_status: 'list of unknown statuses',
  lost_event: 'audit',
  uploaded_again: 'audit, if the pipeline ignores the upload',
  refused: 'audit, as a refusal that needs no action',
  input_gone: 'fails with its manifest; an audit while it is in flight',
  job_missing_input: 'fails with its manifest',
  bad_name: 'fails with its manifest',
  job_throttled: 'fails',
  job_failed: 'fails',
  quarantined: 'nothing: it is quarantined, and its record says so',
  claim_released: 'nothing: it is taken again',
  job_long: 'nothing: it ends within the limit',
  report_missing: 'nothing: it is converted',
  odd_time: 'nothing: times of every spelling are read',
  reset_while_running: 'rows: it is converted twice, which no record shows',
};

/** One line of the proof. */
export interface Row {
  readonly fault: string;
  readonly planted: number;
  readonly found: number;
  /** Files that the rows of the output reported correctly. */
  readonly byRows: number;
  readonly wrong: number;
  readonly missed: number;
  readonly fixed: number;
}

/** The results for the files with each fault, and for those without any. */
export function rowsOf({ files, found, foundByRows, mistakes }: Played): Row[] {
  const faults = [...new Set(files.flatMap((file) => file.faults.map(({ fault }) => fault)))].sort();
  const row = (fault: string, struck: readonly KnownFile[]): Row => {
    const ids = new Set(struck.map(idOfFile));
    const wrongly = (wanted: readonly string[]) =>
      mistakes.filter(({ what, file }) => wanted.includes(what) && file && ids.has(idOfFile(file))).length;
    return {
      fault,
      planted: struck.length,
      found: struck.filter((file) => found.has(idOfFile(file))).length,
      byRows: struck.filter((file) => foundByRows.has(idOfFile(file))).length,
      wrong: wrongly(['false', 'data_false', 'changed']),
      missed: wrongly(['missed', 'data_missed']),
      fixed: struck.filter((file) => file.operated && isFixed(file)).length,
    };
  };
  return [
    ...faults.map((name) =>
      row(
        name,
        files.filter((file) => file.faults.some(({ fault }) => fault === name)),
      ),
    ),
    row(
      '(none)',
      files.filter((file) => file.faults.length === 0),
    ),
  ];
}

/** The page that shows what was planted and what was found. */
export function proofPage(plays: readonly Played[], days: number): string {
  return `${[
    '# What was planted, what was found',
    `A simulated pipeline (\`infra/simulator\`) ran for ${days} days, once as today's version (A) and once as an older one that is still deployed (B). The real sweeps, audits and operations worked on its table and buckets, and each of their reports was compared with what really happened to every file, which only the simulator knows. Manifests, reports and inputs expired meanwhile, as in the field. B also stands for a smaller deployment: its manifests live for a day, inputs for three, records for 30, and it writes below prefixes.`,
    'To repeat it: `npm run proof` plays all of it and writes this page, which takes some ten minutes; `npm run test:long` plays 14 days, and `FIELD_SEED` plays another history. `test/field/rules.ts` has the rules of the comparison.',
    '"Planted" counts the files that had a fault, planned or by chance. A file may have several faults, and be found because of a different one than that of its line. "Found" counts the files that were reported correctly. "By rows" counts those for which the rows of the output correctly showed that they were lost, doubled or unexpected, or converted while the record still waits; the last eight days are verified in this way each night. "False" and "missed" count the reports that were wrong or left a file out. Operators who follow the recommendations fix three of four files that need it; "fixed" counts those that were converted exactly once after that. The others are left alone, to check that their reports stay the same after their evidence has expired.',
    ...plays.map(sectionOf),
  ].join('\n\n')}\n`;
}

function sectionOf(played: Played): string {
  const { version, files, sweeps, audits, unverifiable, mistakes } = played;
  const lines = rowsOf(played).map(({ fault, planted, found, byRows, wrong, missed, fixed }) => {
    const told = TOLD_BY[fault as Fault] ?? 'nothing';
    return `| ${fault} | ${planted} | ${found} | ${byRows} | ${wrong} | ${missed} | ${fixed} | ${told} |`;
  });
  return [
    `## Version ${version}`,
    '',
    `${files.length} files, ${sweeps} sweeps, ${audits} audits of a date; ${mistakes.length} mistakes. A State Manager that was first deployed at the end reported no healthy file, and could not verify ${unverifiable} files whose evidence had expired.`,
    '',
    '| fault | planted | found | by rows | false | missed | fixed | reported by |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |',
    ...lines,
  ].join('\n');
}
