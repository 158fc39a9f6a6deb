import * as z from 'zod';
import { ask } from '../shared/cli/ask.ts';
import { command } from '../shared/cli/command.ts';
import { main } from '../shared/cli/entry.ts';
import { byName, fileFlags } from '../shared/cli/find-file.ts';
import { limitFlags, limitInput } from '../shared/cli/flags.ts';
import { executionsTitle } from '../shared/cli/resets.ts';
import { detailLines } from '../shared/cli/terminal.ts';
import { explainFile } from '../shared/operations/explain-file.ts';
import type { Evidence } from '../shared/orphans/verdict.ts';
import { fileArgs } from '../shared/text/shell-text.ts';
import { utcText } from '../shared/text/time-text.ts';
import { wordLines } from './views/word-lines.ts';

export const explain = command({
  name: 'explain',
  description:
    'Shows what a file or manifest is waiting for or what is wrong with it, with evidence and the next step',
  flags: z.object({ ...fileFlags, ...limitFlags }),
  positional: 'file',
  buckets: true,
  examples: [
    ['2026-11-23-x.ndjson --env local', 'one file'],
    ['MANIFEST#batch-0001-20261123-052254.json --date 2026-11-23', 'one manifest'],
  ],
  async run(context) {
    const { flags, deps, output, note, commandLine, aimed, target } = context;
    const told = await byName(context, flags, (named) =>
      ask(deps, explainFile, { ...named, ...limitInput(flags) }),
    );
    const answer = { ...told, verdict: aimed(told.verdict), commands: told.commands.map(aimed) };
    const { date_prefix, file_key, status, verdict, evidence, recommended_change, next_request } = answer;
    const { needs_force, commands } = answer;
    const shown = { date_prefix, file_key, status, verdict, recommended_change };
    await output.answer(answer, {
      columns: Object.keys(shown).map((name) => ({
        name,
        value: (row: typeof shown) => row[name as keyof typeof shown],
      })),
      rows: [shown],
      lines: ({ colorize }) => [
        ...detailLines(
          [
            ['file', file_key],
            ['status', status],
            ...classDetail(answer.failure_class),
            ['verdict', verdict],
            ['do', needs_force ? `${recommended_change}, needs force` : recommended_change],
          ],
          colorize,
        ),
        '',
        ...evidence.map(evidenceLine),
        ...(commands.length > 0 ? ['', executionsTitle(MAY_RUN, target)] : []),
        ...commands,
        ...(answer.attempts.length > 0 ? [''] : []),
        ...answer.attempts.map(attemptLine),
        ...wordLines(answer),
      ],
    });
    if (next_request) note(`The next step: ${commandLine('update-state', argumentsOf(next_request))}`);
  },
});

const MAY_RUN = 'Its execution may still be running. To look at it, and to stop it';

function classDetail(failure: Explanation['failure_class']): (readonly [string, string])[] {
  return failure ? [['class', `${failure.id}: ${failure.text}`]] : [];
}

type Explanation = Awaited<ReturnType<typeof explainFile.run>>;

function argumentsOf(request: NonNullable<Explanation['next_request']>): string[] {
  const { file_key, date_prefix, new_status, expected_status, force } = request;
  const change = ['--new-status', new_status, '--expected-status', expected_status];
  return [...fileArgs(date_prefix, file_key), ...change, ...(force ? ['--force'] : [])];
}

type Attempt = Explanation['attempts'][number];

/** Such as `attempt 1 in batch-0001.json: failed at …: Path does not exist`. */
function attemptLine({ manifest, run, ended }: Attempt, i: number): string {
  const where = [manifest ? ` in ${manifest}` : '', run ? ` by ${run}` : ''].join('');
  // The verdict says whether it still runs: its manifest may have failed while its record has not.
  if (!ended) return `attempt ${i + 1}${where}: no end recorded yet`;
  return `attempt ${i + 1}${where}: ${ended.event} at ${utcText(ended.at)}${ended.error ? `: ${ended.error}` : ''}`;
}

function evidenceLine({ about, found, detail }: Evidence): string {
  return `${{ yes: '+', no: '-', unknown: '?' }[found]} ${about.replaceAll('_', ' ')}: ${detail}`;
}

await main(import.meta, explain);
