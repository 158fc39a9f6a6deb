import * as z from 'zod';
import { fileFlags, findFile } from '../shared/cli/find-file.ts';
import { runCommand } from '../shared/cli/run-command.ts';
import { reportFile } from '../shared/projection/file-report.ts';
import { fileBody, fileView } from './views/file-view.ts';

await runCommand({
  name: 'file',
  description: 'One file: its tracking record, what the projection knows of it, and whether they agree',
  flags: z.object(fileFlags),
  positional: 'file',
  examples: [
    ['2026-11-23-x.ndjson --env local', 'by its name, which tells its date'],
    ['nodate-x.ndjson --date 2026-11-23', 'where the name does not tell it'],
    ['"s3://my-input/pipeline/input/2026-11-23/a b.ndjson" --json', 'by the address of the object'],
  ],
  async run({ flags, service, output, note, commandLine, now }) {
    const report = await findFile(flags, now, (key) => reportFile(service, key));
    await output.answer(fileBody(report), fileView(report, now));
    const { date_prefix, file_key } = report.key;
    note(`Its history: ${commandLine('timeline', [file_key, '--date', date_prefix])}`);
  },
});
