import * as z from 'zod';
import { dateFlags, duration } from '../shared/cli/common-flags.ts';
import { resolveDates } from '../shared/cli/dates.ts';
import { limitOf, listFlags } from '../shared/cli/list-flags.ts';
import { printList } from '../shared/cli/print-list.ts';
import { runCommand } from '../shared/cli/run-command.ts';
import { eachManifest, MANIFEST_STATUSES } from '../shared/pipeline/listings.ts';
import { manifestColumns } from './views/manifest-columns.ts';

await runCommand({
  name: 'manifests',
  description: 'The manifests by status, with how many files each has and what runs it',
  flags: z.object({
    status: z.array(z.enum(MANIFEST_STATUSES)).optional().describe('Only these statuses'),
    ...dateFlags,
    olderThan: duration.describe('Only manifests that have had their status for longer'),
    ...listFlags,
  }),
  examples: [
    ['--env local', 'every manifest on this machine, those under way first'],
    ['--status processing --older-than 2h', 'jobs that may hang'],
    ['--status failed --from 2026-11-01 --output csv', 'what failed in November'],
  ],
  async run(context) {
    const { flags, service, output, now } = context;
    const { status: statuses = MANIFEST_STATUSES, olderThan } = flags;
    const sinceBefore = olderThan === undefined ? undefined : now - olderThan;
    await printList(context, {
      things: 'manifests',
      columns: manifestColumns(now),
      rows: eachManifest(service.tracking, { statuses, range: resolveDates(flags, now), sinceBefore }),
      limit: limitOf(flags, output.form),
    });
  },
});
