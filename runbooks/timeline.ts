import * as z from 'zod';
import { ask } from '../shared/cli/ask.ts';
import { fileFlags, findFile } from '../shared/cli/find-file.ts';
import { runCommand } from '../shared/cli/run-command.ts';
import { getProcessingTimeline } from '../shared/operations/get-processing-timeline.ts';
import { timelineView } from './views/timeline-view.ts';

await runCommand({
  name: 'timeline',
  description: 'What happened to one file, when, and how long each step took',
  flags: z.object(fileFlags),
  positional: 'file',
  examples: [
    ['2026-11-23-x.ndjson --env local', 'by its name, which tells its date'],
    ["'MANIFEST#batch-0001-20261123-052254.json' --date 2026-11-23", 'a manifest has one too'],
    ['2026-11-23-x.ndjson --output csv', 'events for a spreadsheet'],
  ],
  async run({ flags, service, output, now }) {
    const timeline = await findFile(flags, now, (key) => ask(service, getProcessingTimeline, key));
    await output.answer(timeline, timelineView(timeline, now));
  },
});
