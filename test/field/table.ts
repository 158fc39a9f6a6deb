import type { Fault } from '../../infra/simulator/faults.ts';
import { isFixed, type Played } from './play.ts';
import { idOfFile, type KnownFile } from './rules.ts';

/** What tells of each fault; or why nothing is to be found of it. */
const TOLD_BY: Readonly<Partial<Record<Fault, string>>> = {
  builder_died: 'sweep',
  lock_left: 'sweep',
  manifest_lost: 'sweep',
  manifest_overwritten:
    'sweep, of those that the manifest lists no more; the others are converted twice, which rows tell',
  never_started: 'sweep',
  job_hung: 'sweep, unless it ends within the limit',
  job_timed_out: 'sweep, until it fails after 48 hours',
  updater_missed: 'sweep',
  output_lost: 'sweep; by rows where another job of the date wrote at that time',
  odd_suffix: 'sweep, or the list of unknown statuses',
  unknown_status: 'list of unknown statuses',
  lost_event: 'audit',
  uploaded_again: 'audit, where the pipeline ignores the upload',
  refused: 'audit, as a refusal that needs nobody',
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
  reset_while_running: 'rows: it is converted twice, which no record tells',
};

/** One line of the proof. */
export interface Row {
  readonly fault: string;
  readonly planted: number;
  readonly found: number;
  /** Files that the rows of the output rightly told of. */
  readonly byRows: number;
  readonly wrong: number;
  readonly missed: number;
  readonly fixed: number;
}

/** What became of the files that each fault happened to, and of those that nothing happened to. */
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

/** The page that tells what was planted and what was found. */
export function proofPage(plays: readonly Played[], days: number): string {
  return `${[
    '# What was planted, what was found',
    `A simulated pipeline (\`infra/simulator\`) lived for ${days} days, once as today's version (A) and once as an older one that is still deployed (B). Sweeps, audits and operations worked on its table and buckets with their own code, and each of their reports was compared with what really happened to every file, which only the simulator knows. Manifests, reports and inputs expired meanwhile, as in the field. B is the smaller deployment as well: its manifests live for a day, inputs for three, records for 30, and it writes below prefixes.`,
    'See it again: `npm run proof` plays all of it and writes this page, which takes some ten minutes; `npm run test:long` plays 14 days, and `FIELD_SEED` gives another history. `test/field/rules.ts` has the rules of the comparison.',
    '"Planted" counts the files that a fault happened to, by plan or by chance. Several may happen to one file, and a file may be found for another one than that of its line. "Found" counts those that were reported rightly, "by rows" those of which the rows of the output were rightly said to be lost, doubled, unexpected, or there though the record still waits; each night the last eight days are verified so. "False" and "missed" count the reports that were wrong or left a file out. Three of four files that need it are fixed by operators who follow what is recommended; "fixed" counts those that were converted once after that. The others are left alone, to see that what is said of them stays the same when their evidence has expired.',
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
    `${files.length} files, ${sweeps} sweeps, ${audits} audits of a date; ${mistakes.length} mistakes. A State Manager that was deployed for the first time at the end found nothing wrong that was not, and could not verify ${unverifiable} files, whose evidence had expired.`,
    '',
    '| fault | planted | found | by rows | false | missed | fixed | told by |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |',
    ...lines,
  ].join('\n');
}
