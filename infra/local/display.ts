import { setTimeout as sleep } from 'node:timers/promises';
import { createLogUpdate } from 'log-update';
import { snapshotLines } from '../../runbooks/views/snapshot-view.ts';
import { LOCAL_PORT, LOCAL_PORT_VARIABLE } from '../../shared/aws/local-machine.ts';
import type { Screen } from '../../shared/cli/table.ts';
import { colorizeFor } from '../../shared/cli/terminal.ts';
import { STATUSES } from '../../shared/pipeline/status.ts';
import { errorText } from '../../shared/text/error-text.ts';
import { grouped } from '../../shared/text/number-text.ts';
import { type Shown, type SummaryState, summariser } from './summary.ts';
import type { LocalSystem } from './system.ts';

const TERMINAL_REFRESH_MILLIS = 1_000;
const LINE_REFRESH_MILLIS = 5_000;

/** Shows the state of the system until it is stopped: in place on a terminal, otherwise a line now and then. */
export function startDisplay(shown: Shown): { stop(): Promise<void> } {
  const terminal = process.stdout.isTTY === true;
  const update = createLogUpdate(process.stdout);
  process.stdout.write(`${banner(shown)}\n\n`);
  const abort = new AbortController();
  const printNews = newsPrinter();
  const summarise = summariser(shown);
  const running = (async () => {
    while (!abort.signal.aborted) {
      // While one part cannot be reached, the rest continues, and so does the display.
      const show = await summarise().then(
        (state) => (terminal ? summaryText(state, screen()) : summaryLine(state)),
        (error: unknown) => `cannot read the counts: ${errorText(error)}`,
      );
      if (terminal) update(show);
      else printNews(show);
      const pause = terminal ? TERMINAL_REFRESH_MILLIS : LINE_REFRESH_MILLIS;
      await sleep(pause, undefined, { signal: abort.signal }).catch(() => undefined);
    }
    update.done();
  })();
  return {
    stop: async () => {
      abort.abort();
      await running;
    },
  };
}

/** A terminal may change its width at any time. */
function screen(): Screen {
  return { width: process.stdout.columns, colorize: colorizeFor(process.stdout) };
}

/** Prints a line only if it differs from the last one, so that the log of a quiet system stays short. */
function newsPrinter(): (line: string) => void {
  let before = '';
  return (line) => {
    if (line !== before) process.stdout.write(`${line}\n`);
    before = line;
  };
}

/** What can be done now; each command can be pasted as it is. */
export function banner({
  settings: { port, names },
  system: { url },
  logFolder,
}: Pick<Shown, 'settings' | 'logFolder'> & { readonly system: Pick<LocalSystem, 'url'> }): string {
  const variables = port === LOCAL_PORT ? '' : `${LOCAL_PORT_VARIABLE}=${port} `;
  return [
    `State Manager is running on this machine: open ${url}`,
    `Lambda API ${url}, DynamoDB :${port + 1}, S3 :${port + 2}, logs in ${logFolder}`,
    'docs/tour.md walks through it. From another shell (Ctrl-C here stops it):',
    `  ${variables}npx tsx runbooks/find-orphans.ts`,
    '  AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local aws lambda invoke \\',
    `    --region us-east-1 --endpoint-url ${url} \\`,
    `    --function-name ${names.operationsFunction} \\`,
    `    --payload '{"operation":"get_stats"}' out.json`,
    'Version 2 of the AWS CLI needs --cli-binary-format raw-in-base64-out as well.',
  ].join('\n');
}

/** Counts as `watch` shows them, and the work of the parts of this system. */
export function summaryText(state: SummaryState, shownOn: Screen): string {
  return snapshotLines(state.snapshot, shownOn, [
    ['files', state.source],
    ['consumer', consumerText(state)],
    ...scheduleDetails(state.schedules),
    ['exact', state.comparison],
    ...problems(state),
  ]).join('\n');
}

function scheduleDetails(schedules: SummaryState['schedules']): [string, string][] {
  return schedules.length === 0
    ? [['schedules', 'nothing yet']]
    : schedules.map(([name, result]) => [name, result]);
}

/** The same on one line, for output that is not a terminal. */
export function summaryLine(state: SummaryState): string {
  const { stats } = state.snapshot;
  const counts = STATUSES.map((status) => `${status}=${stats.stats[status] ?? 0}`).join(' ');
  const totals = `files=${stats.total} ${counts} manifests=${stats.manifests.total}`;
  const told = problems(state).map(([name, text]) => `${name}: ${text}`);
  return [`${totals} ${consumerWork(state)}`, state.comparison, ...told].join(' | ');
}

function problems({ lastProblem, leftOut, lastLeftOut }: SummaryState): [string, string][] {
  const records = leftOut === 1 ? '1 stream record' : `${grouped(leftOut)} stream records`;
  return [
    ...(lastProblem === undefined ? [] : [['last fault', lastProblem] as [string, string]]),
    ...(leftOut === 0
      ? []
      : [
          [
            'left out',
            `${records} could not be read, and are missing from the counts; the last: ${lastLeftOut}`,
          ] as [string, string],
        ]),
  ];
}

/** Only what is worth showing: zeros are left out. */
function consumerText(state: SummaryState): string {
  const parts = [
    ['late', state.late],
    ['duplicates', state.duplicates],
    ['gaps closed', state.gapsClosed],
    ['dead letters', state.deadLetters],
    ['faults survived', state.faults],
  ] as const;
  const told = parts.filter(([, count]) => count > 0).map(([name, count]) => `${grouped(count)} ${name}`);
  const behind = `${state.behindSeconds.toFixed(0)}s behind`;
  return [`${grouped(state.transitions)} transitions`, behind, ...told].join(' · ');
}

function consumerWork(state: SummaryState): string {
  const numbers = {
    transitions: state.transitions,
    duplicates: state.duplicates,
    gaps_closed: state.gapsClosed,
    late: state.late,
    dead_letters: state.deadLetters,
    ...(state.faults > 0 && { faults_survived: state.faults }),
  };
  const shown = Object.entries(numbers).map(([name, value]) => `${name}=${value}`);
  return [...shown, `behind=${state.behindSeconds.toFixed(0)}s`].join(' ');
}
