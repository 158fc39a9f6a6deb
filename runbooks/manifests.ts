import * as z from 'zod';
import type { Deps } from '../shared/aws/deps.ts';
import { command } from '../shared/cli/command.ts';
import { dateFlags, resolveDates } from '../shared/cli/dates.ts';
import { main } from '../shared/cli/entry.ts';
import { duration, limitOf, listFlags } from '../shared/cli/flags.ts';
import { noteIncomplete } from '../shared/cli/incomplete.ts';
import { printList } from '../shared/cli/output.ts';
import { unknownAges } from '../shared/cli/unknown-ages.ts';
import { eachManifest, MANIFEST_STATUSES, type ManifestSelection } from '../shared/pipeline/listings.ts';
import { UNKNOWN_STATUS } from '../shared/pipeline/status.ts';
import type { KnownSuffixes } from '../shared/pipeline/status-index.ts';
import type { TrackingRecord } from '../shared/pipeline/tracking-table.ts';
import { readSuffixes } from '../shared/projection/counter-items.ts';
import { eachUnknown } from '../shared/statistics/unknown-status.ts';
import { manifestColumns } from './views/record-columns.ts';

export const manifests = command({
  name: 'manifests',
  description: 'Lists manifests by status, with the number of their files and the execution of their job',
  flags: z.object({
    status: z
      .array(z.enum([...MANIFEST_STATUSES, UNKNOWN_STATUS]))
      .optional()
      .describe('Only these statuses'),
    ...dateFlags,
    olderThan: duration.describe(
      'Only manifests in their status for longer than this; manifests of unknown age are left out',
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
    const { status: statuses = [...MANIFEST_STATUSES, UNKNOWN_STATUS], olderThan } = flags;
    const suffixes = await readSuffixes(deps.projection);
    noteIncomplete(context, suffixes);
    const ages = unknownAges();
    const found = find(deps, { statuses, range: resolveDates(flags, now) }, suffixes);
    await printList(context, {
      things: 'manifests',
      columns: manifestColumns(now),
      rows: ages.older(deps.projection, found, { olderThan, now }),
      limit: limitOf(flags, output.form),
    });
    ages.note(note);
  },
});

async function* find(
  deps: Pick<Deps, 'tracking' | 'projection'>,
  { statuses, range }: ManifestSelection,
  suffixes: KnownSuffixes,
): AsyncGenerator<TrackingRecord, void> {
  const known = statuses.filter((status) => status !== UNKNOWN_STATUS);
  yield* eachManifest(deps.tracking, { range, statuses: known }, suffixes);
  if (known.length === statuses.length) return;
  yield* eachUnknown(deps, { entity: 'manifest', range });
}

await main(import.meta, manifests);
