import * as z from 'zod';
import { ask } from '../shared/cli/ask.ts';
import { command } from '../shared/cli/command.ts';
import { main } from '../shared/cli/entry.ts';
import { byName, fileFlags } from '../shared/cli/find-file.ts';
import { getProcessingTimeline } from '../shared/operations/get-processing-timeline.ts';
import { timelineView } from './views/timeline-view.ts';

export const timeline = command({
  name: 'timeline',
  description: 'Shows what happened to one file, when, and how long each step took',
  flags: z.object(fileFlags),
  positional: 'file',
  examples: [
    ['2026-11-23-x.ndjson --env local', 'by its name, which contains its date'],
    ["'MANIFEST#batch-0001-20261123-052254.json' --date 2026-11-23", 'a manifest has one too'],
    ['2026-11-23-x.ndjson --output csv', 'events for a spreadsheet'],
  ],
  async run(context) {
    const { flags, deps, output, now } = context;
    const events = await byName(context, flags, (named) => ask(deps, getProcessingTimeline, named));
    await output.answer(events, timelineView(events, now));
  },
});

await main(import.meta, timeline);
