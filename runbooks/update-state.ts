import * as z from 'zod';
import { additionalFields } from '../shared/changes/additional-fields.ts';
import { fileFlags, findFile } from '../shared/cli/find-file.ts';
import { planFlags } from '../shared/cli/plan-flags.ts';
import { entryFor } from '../shared/cli/plan-requests.ts';
import { runPlan } from '../shared/cli/plan-run.ts';
import { runCommand } from '../shared/cli/run-command.ts';
import { readRecord } from '../shared/pipeline/tracking-table.ts';
import { usageError } from '../shared/text/refused.ts';

await runCommand({
  name: 'update-state',
  description: "Sets one file's status, and further attributes with it, if it is still as it was read",
  flags: z.object({
    ...fileFlags,
    newStatus: z.string().min(1).describe('The status to set; the record keeps its shard'),
    expectedStatus: z.string().min(1).optional().describe('The status that the file must have now'),
    set: z
      .array(z.string().regex(/^[^=]+=/, 'allowed: NAME=VALUE'))
      .default([])
      .describe('An attribute to set with it, NAME=VALUE; may be repeated'),
    force: z.boolean().default(false).describe('Allow a transition that is not a usual one'),
    ...planFlags,
  }),
  positional: 'file',
  examples: [
    ['2026-11-23-x.ndjson --new-status pending --env local', 'what it would do'],
    [
      "2026-11-23-x.ndjson --new-status failed --set error_message='no such table' --apply --reason 'seen in the log'",
      'does it',
    ],
  ],
  run: (context) =>
    runPlan(context, 'update-state', async function* () {
      const { flags, service, now } = context;
      const record = await findFile(flags, now, (key) => readRecord(service.tracking, key));
      const { date_prefix, file_key } = record;
      const request = {
        date_prefix,
        file_key,
        new_status: flags.newStatus,
        expected_status: flags.expectedStatus,
        force: flags.force,
        additional_fields: fieldsOf(flags.set),
      };
      yield* entryFor(context, request);
    }),
});

function fieldsOf(settings: readonly string[]) {
  const pairs = settings.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]);
  const parsed = additionalFields.safeParse(Object.fromEntries(pairs));
  if (parsed.success) return parsed.data;
  throw usageError(
    `--set: ${parsed.error.issues[0]?.message}.`,
    'Keys, status and marks of changes are not set this way.',
  );
}
