import * as z from 'zod';
import { command } from '../shared/cli/command.ts';
import { main } from '../shared/cli/entry.ts';
import { fileFlags, findFile } from '../shared/cli/find-file.ts';
import { reportFile } from '../shared/projection/file-report.ts';
import { fileArgs } from '../shared/text/shell-text.ts';
import { fileBody, fileView } from './views/file-view.ts';

export const file = command({
  name: 'file',
  description:
    'Shows one file: its tracking record, its head in the projection, whether they agree, and why it failed',
  flags: z.object(fileFlags),
  positional: 'file',
  examples: [
    ['2026-11-23-x.ndjson --env local', 'by its name, which contains its date'],
    ['nodate-x.ndjson --date 2026-11-23', 'where the name has no date'],
    ['"s3://my-input/pipeline/input/2026-11-23/a b.ndjson" --json', 'by the address of the object'],
  ],
  async run(context) {
    const { flags, deps, output, note, commandLine, now } = context;
    const report = await findFile(context, flags, (key) => reportFile(deps, key));
    await output.answer(fileBody(report), fileView(report, now));
    const { date_prefix, file_key } = report.key;
    const { failure } = report;
    if (failure)
      note(`Files that failed for the same reason: ${commandLine('failures', ['--class', failure.id])}`);
    note(`Its history: ${commandLine('timeline', fileArgs(date_prefix, file_key))}`);
  },
});

await main(import.meta, file);
