import * as z from 'zod';
import { command } from '../shared/cli/command.ts';
import { dateFlags, resolveDates } from '../shared/cli/dates.ts';
import { main } from '../shared/cli/entry.ts';
import { duration, limitOf, listFlags } from '../shared/cli/flags.ts';
import { printList } from '../shared/cli/output.ts';
import { unknownAges } from '../shared/cli/unknown-ages.ts';
import { eachManifest, MANIFEST_STATUSES } from '../shared/pipeline/listings.ts';
import { manifestColumns } from './views/record-columns.ts';

export const manifests = command({
  name: 'manifests',
  description: 'Lists the manifests by status, with how many files each has and what runs it',
  flags: z.object({
    status: z.array(z.enum(MANIFEST_STATUSES)).optional().describe('Only these statuses'),
    ...dateFlags,
    olderThan: duration.describe(
      'Only manifests in their status for longer than this; one of unknown age is left out',
    ),
    ...listFlags,
  }),
  examples: [
    ['--env local', 'every manifest on this machine, those in flight first'],
    ['--status processing --older-than 2h', 'jobs that may hang'],
    ['--status failed --from 2026-11-01 --output csv', 'what failed in November'],
  ],
  async run(context) {
    const { flags, deps, output, now, note } = context;
    const { status: statuses = MANIFEST_STATUSES, olderThan } = flags;
    const ages = unknownAges();
    const found = eachManifest(deps.tracking, { statuses, range: resolveDates(flags, now) });
    await printList(context, {
      things: 'manifests',
      columns: manifestColumns(now),
      rows: ages.older(deps.projection, found, { olderThan, now }),
      limit: limitOf(flags, output.form),
    });
    ages.note(note);
  },
});

await main(import.meta, manifests);
