import type { LeftOut } from '../changes/plan-entry.ts';
import { pickupByDate, pickupLine } from '../pipeline/pickup.ts';
import { executionCommands } from '../pipeline/retryable.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import { readSuffixes } from '../projection/counter-items.ts';
import { LOCAL } from '../settings/environment-files.ts';
import { countOf } from '../text/number-text.ts';
import { visibleText } from '../text/visible-text.ts';
import type { RunContext } from './command.ts';

const MOST_NAMED = 20;
const MOST_EXECUTIONS = 5;

/** Names the first of the files that are not reset as they come, and says at the end what to do. */
export function leftOutNotes({
  note,
  look,
  aimed,
  flags,
  target,
}: Pick<RunContext<object>, 'note' | 'look' | 'aimed' | 'flags' | 'target'>) {
  let count = 0;
  const executions = new Set<string>();
  return {
    add({ key, obstacle }: Omit<LeftOut, 'kind'>): void {
      count += 1;
      if (obstacle.execution_arn !== undefined) executions.add(obstacle.execution_arn);
      if (count <= MOST_NAMED)
        note(`Left out: ${visibleText(key.file_key)} (${obstacle.code}): ${obstacle.sentence}.`);
    },
    end(): void {
      if (count === 0) return;
      note(`${countOf(count, 'file')} left out. ${forceText(flags, look)}`);
      if (executions.size > 0)
        note(
          [
            executionsTitle('To look at the executions, and to stop them first', target),
            ...commandsOf(executions).map(aimed),
          ].join('\n'),
        );
    },
  };
}

/**
 * The line above the commands that show and stop executions. The local system simulates them and has no such service: there
 * the commands would go to whatever account the shell has.
 */
export function executionsTitle(
  text: string,
  { environment }: Pick<RunContext['target'], 'environment'>,
): string {
  return environment === LOCAL ? `${text} (only in a deployment, not on this machine):` : `${text}:`;
}

/** A saved plan, and a change that is resumed, take only their own files. */
function forceText(flags: object, look: RunContext['look']): string {
  const isPlanned = 'plan' in flags && flags.plan !== undefined;
  if (!('force' in flags) || isPlanned) return 'To include them anyway, plan for them again with --force.';
  return `To include them anyway: ${look(['--force'])}`;
}

function commandsOf(executions: ReadonlySet<string>): string[] {
  const shown = [...executions].slice(0, MOST_EXECUTIONS);
  const more = executions.size - shown.length;
  return [
    ...shown.flatMap((arn) => executionCommands(arn)),
    ...(more > 0 ? [`and ${countOf(more, 'execution')} more.`] : []),
  ];
}

/** Counts files by date; holds only a number for each date. */
export function dateTally() {
  const counts = new Map<string, number>();
  return {
    counts: counts as ReadonlyMap<string, number>,
    add({ date_prefix }: RecordKey): void {
      counts.set(date_prefix, (counts.get(date_prefix) ?? 0) + 1);
    },
  };
}

/**
 * Says what will pick up the files that are reset, since nothing is scheduled.
 *
 * @param isDone whether they have been reset already
 */
export async function notePickup(
  { deps, note, commandLine }: Pick<RunContext, 'deps' | 'note' | 'commandLine'>,
  reset: ReadonlyMap<string, number>,
  isDone: boolean,
): Promise<void> {
  if (reset.size === 0) return;
  const suffixes = await readSuffixes(deps.projection);
  const dates = await pickupByDate(deps, reset, isDone, suffixes);
  const [first] = dates;
  const title = isDone ? 'What picks up the files now:' : 'What will pick up the files:';
  note([title, ...dates.map((date) => `  ${pickupLine(date)}`)].join('\n'));
  if (first) note(wakeText(commandLine, first.date_prefix));
}

/** How the reset files of a date are taken up again. */
export function wakeText(commandLine: RunContext['commandLine'], date: string): string {
  return `Only an upload wakes a builder by itself. To wake it: ${commandLine('wake-builder', [date])}`;
}
