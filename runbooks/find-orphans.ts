import * as z from 'zod';
import { ask } from '../shared/cli/ask.ts';
import type { RunContext } from '../shared/cli/command.ts';
import { dateFlags } from '../shared/cli/common-flags.ts';
import { resolveDates } from '../shared/cli/dates.ts';
import { limitFlags, limitInput, limitsOf } from '../shared/cli/limit-flags.ts';
import { limitOf, listFlags } from '../shared/cli/list-flags.ts';
import { printList } from '../shared/cli/print-list.ts';
import { runCommand } from '../shared/cli/run-command.ts';
import { findOrphans } from '../shared/operations/find-orphans.ts';
import { limitArgs } from '../shared/orphans/limits.ts';
import { ORPHAN_KINDS, type OrphanKind } from '../shared/orphans/verdict.ts';
import { ORPHAN_COLUMNS, type OrphanRow } from './views/orphan-columns.ts';

const flags = z.object({
  ...limitFlags,
  kind: z.array(z.enum(ORPHAN_KINDS)).min(1).optional().describe('Only these kinds'),
  ...dateFlags,
  ...listFlags,
});

await runCommand({
  name: 'find-orphans',
  description:
    'The files and manifests that will not move by themselves, how it is known, and what would mend them',
  flags,
  examples: [
    ['--env local', 'all of them on this machine'],
    ['--hours 4 --date today', "today's, with another limit"],
    ['--kind missing_outputs --output ndjson', 'one kind with all its evidence, one to a line'],
  ],
  async run(context) {
    const { flags: given, output, note, commandLine } = context;
    const limit = limitOf(given, output.form);
    const found = await printList(context, {
      things: 'orphans',
      columns: ORPHAN_COLUMNS,
      rows: orphans(context),
      limit,
    });
    if (found > 0)
      note(
        `The evidence for one of them, and the next command: ${commandLine('explain', ['FILE', ...limitArgs(limitsOf(given))])}`,
      );
    return undefined;
  },
});

/** Page by page, as long as somebody reads. */
async function* orphans({ flags: given, service, note, now }: RunContext<z.output<typeof flags>>) {
  let unknown = 0;
  let next_token: string | undefined;
  do {
    const answer = await ask(service, findOrphans, {
      ...limitInput(given),
      kinds: given.kind,
      date_range: resolveDates(given, now),
      next_token,
    });
    yield* rowsOf(answer.orphans);
    unknown += answer.unknown;
    next_token = answer.next_token;
  } while (next_token);
  if (unknown > 0) note(`${unknown} could not be looked at: nothing is said of them. Try again in a moment.`);
}

function rowsOf(orphans: Partial<Record<OrphanKind, Omit<OrphanRow, 'kind'>[]>>): OrphanRow[] {
  return Object.entries(orphans).flatMap(([kind, rows]) => rows.map((row) => ({ kind, ...row })));
}
