import stringWidth from 'string-width';
import type { View } from '../../shared/cli/output.ts';
import type { Column, Screen } from '../../shared/cli/table.ts';
import type { Tone } from '../../shared/cli/terminal.ts';
import { countOf } from '../../shared/text/number-text.ts';
import { padTo } from '../../shared/text/width.ts';
import type { Finding, Level } from '../doctor/check.ts';
import type { Diagnosis } from '../doctor/diagnose.ts';

/** Whether there is neither a problem nor anything unknown. */
export function isWell(diagnosis: Diagnosis): boolean {
  return findingsOf(diagnosis).every(({ level }) => level !== 'problem' && level !== 'unknown');
}

/** The answer for tools. */
export function doctorBody(diagnosis: Diagnosis) {
  const { environment, groups } = diagnosis;
  const checks = groups.flatMap(({ heading, findings }) =>
    findings.map(({ check, level, found, remedy }) => ({
      group: heading,
      check,
      level,
      found,
      ...(remedy && { remedy: remedy.say, ...(remedy.run && { command: remedy.run }) }),
    })),
  );
  return { environment, well: isWell(diagnosis), counts: countsOf(diagnosis), checks };
}

type Row = ReturnType<typeof doctorBody>['checks'][number];

const COLUMNS: readonly Column<Row>[] = [
  { name: 'group', value: ({ group }) => group },
  { name: 'check', value: ({ check }) => check },
  { name: 'level', value: ({ level }) => level },
  { name: 'found', value: ({ found }) => found },
  { name: 'remedy', value: ({ remedy }) => remedy },
  { name: 'command', value: ({ command }) => command },
];

/** The same for people, in lines of the terminal's width. */
export function doctorView(diagnosis: Diagnosis): View<Row> {
  const { checks } = doctorBody(diagnosis);
  return {
    columns: COLUMNS,
    rows: checks,
    records: checks,
    lines: (screen) => [
      ...withoutRepeats(diagnosis).groups.flatMap(({ heading, findings }) => [
        screen.colorize('heading', heading),
        ...findings.flatMap((finding) => findingLines(finding, screen)),
        '',
      ]),
      summaryText(diagnosis),
    ],
  };
}

/** A remedy for several checks, such as to ask for a permission, is shown with the first of them. */
function withoutRepeats({ groups, ...diagnosis }: Diagnosis): Diagnosis {
  const shown = new Set<string>();
  const once = (finding: Finding): Finding => {
    const { remedy, ...rest } = finding;
    const text = JSON.stringify(remedy);
    if (shown.has(text)) return rest;
    shown.add(text);
    return finding;
  };
  return {
    ...diagnosis,
    groups: groups.map(({ heading, findings }) => ({ heading, findings: findings.map(once) })),
  };
}

const TONES: Readonly<Record<Level, Tone>> = {
  ok: 'good',
  warning: 'warning',
  problem: 'bad',
  unknown: 'bad',
  later: 'dim',
};

const LEVEL_WIDTH = 9;
const NAME_WIDTH = 22;
const INDENT = ' '.repeat(LEVEL_WIDTH);

/** What was found, then what to do, then the command, which can be pasted as it is. */
function findingLines({ check, level, found, remedy }: Finding, { width, colorize }: Screen): string[] {
  const indent = ' '.repeat(LEVEL_WIDTH + NAME_WIDTH);
  const room = width && width - indent.length;
  // Names and ARNs are long: one that does not fit beside the check's name gets the whole line.
  const fits = room === undefined || longestWord(found) <= room;
  const below = width && width - INDENT.length;
  const [first = '', ...rest] = fits ? wrapped(found, room) : ['', ...wrapped(found, below)];
  const lines = [
    colorize(TONES[level], padTo(level, LEVEL_WIDTH)) + padTo(check, NAME_WIDTH) + first,
    ...rest.map((line) => (fits ? indent : INDENT) + line),
    ...(remedy ? wrapped(remedy.say, below).map((line) => INDENT + line) : []),
    ...(remedy?.run ? commandLines(remedy.run, below && below - 2) : []),
  ];
  return lines.map((line) => line.trimEnd());
}

function longestWord(text: string): number {
  return Math.max(...text.split(/\s+/).map((word) => stringWidth(word)));
}

/** A backslash continues a command on the next line; quoted words stay whole. */
function commandLines(command: string, width: number | undefined): string[] {
  const lines = wrapped(command, width && width - 2, /(?:'[^']*'|[^\s'])+/g);
  return lines.map(
    (line, n) => `${INDENT}${n === 0 ? '' : '  '}${line}${n === lines.length - 1 ? '' : ' \\'}`,
  );
}

/** Text in lines of that width, broken between words; a word that is longer has a line of its own. */
function wrapped(text: string, width = Number.POSITIVE_INFINITY, words = /\S+/g): string[] {
  const lines: string[] = [];
  for (const [word] of text.matchAll(words)) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && stringWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function countsOf(diagnosis: Diagnosis): Record<Level, number> {
  const counts = { ok: 0, warning: 0, problem: 0, unknown: 0, later: 0 };
  for (const { level } of findingsOf(diagnosis)) counts[level]++;
  return counts;
}

function findingsOf({ groups }: Diagnosis): Finding[] {
  return groups.flatMap(({ findings }) => findings);
}

/** The summary, in one line. */
function summaryText(diagnosis: Diagnosis): string {
  const { ok, warning, problem, unknown, later } = countsOf(diagnosis);
  const counts = [
    `${ok} ok`,
    countOf(problem, 'problem'),
    countOf(warning, 'warning'),
    `${unknown} unknown`,
    ...(later > 0 ? [`${later} to check later`] : []),
  ];
  const well = warning > 0 ? 'All is well, apart from warnings.' : 'All is well.';
  return `${diagnosis.environment}: ${counts.join(', ')}. ${isWell(diagnosis) ? well : 'Not all is well.'}`;
}
