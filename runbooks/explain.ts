import * as z from 'zod';
import { ask } from '../shared/cli/ask.ts';
import { detailLines } from '../shared/cli/details.ts';
import { fileFlags, findFile } from '../shared/cli/find-file.ts';
import { limitFlags, limitInput } from '../shared/cli/limit-flags.ts';
import { runCommand } from '../shared/cli/run-command.ts';
import { explainFile } from '../shared/operations/explain-file.ts';
import type { Evidence } from '../shared/orphans/verdict.ts';

await runCommand({
  name: 'explain',
  description:
    'What one file or manifest waits for or what is wrong with it, how that is known, and what to do',
  flags: z.object({ ...fileFlags, ...limitFlags }),
  positional: 'file',
  examples: [
    ['2026-11-23-x.ndjson --env local', 'one file'],
    ['MANIFEST#batch-0001-20261123-052254.json --date 2026-11-23', 'one manifest'],
  ],
  async run({ flags, service, output, note, commandLine, now }) {
    const answer = await findFile(flags, now, (key) =>
      ask(service, explainFile, { ...key, ...limitInput(flags) }),
    );
    const { date_prefix, file_key, status, verdict, evidence, recommended_change, next_request } = answer;
    const shown = { date_prefix, file_key, status, verdict, recommended_change };
    await output.answer(answer, {
      columns: Object.keys(shown).map((name) => ({
        name,
        value: (row: typeof shown) => row[name as keyof typeof shown],
      })),
      rows: [shown],
      lines: ({ paint }) => [
        ...detailLines(
          [
            ['file', file_key],
            ['status', status],
            ['verdict', verdict],
            ['do', recommended_change],
          ],
          paint,
        ),
        '',
        ...evidence.map(evidenceLine),
      ],
    });
    if (!next_request) return undefined;
    const { new_status, expected_status, force } = next_request;
    const args = [
      file_key,
      '--date',
      date_prefix,
      '--new-status',
      new_status,
      '--expected-status',
      expected_status,
    ];
    note(`The next step: ${commandLine('update-state', [...args, ...(force ? ['--force'] : [])])}`);
    return undefined;
  },
});

function evidenceLine({ about, found, detail }: Evidence): string {
  return `${{ yes: '+', no: '-', unknown: '?' }[found]} ${about.replaceAll('_', ' ')}: ${detail}`;
}
