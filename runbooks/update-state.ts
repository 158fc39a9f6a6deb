import * as z from 'zod';
import { additionalFields } from '../shared/changes/additional-fields.ts';
import { PLAN_HOURS } from '../shared/changes/plan-words.ts';
import { command } from '../shared/cli/command.ts';
import { main } from '../shared/cli/entry.ts';
import { fileFlags, findFile } from '../shared/cli/find-file.ts';
import { fieldText, force, planFlags } from '../shared/cli/flags.ts';
import { runPlan } from '../shared/cli/plan.ts';
import { entryFor } from '../shared/cli/plan-entries.ts';
import { fileChange } from '../shared/operations/inputs.ts';
import { keyOf, readRecord } from '../shared/pipeline/tracking-table.ts';
import { usageError } from '../shared/text/refused.ts';

const { expected_status, new_status } = fileChange.shape;

const selection = {
  ...fileFlags,
  newStatus: new_status.describe('The status to set; the record keeps its shard suffix'),
  expectedStatus: expected_status.describe(fieldText(expected_status)),
  set: z
    .array(z.string().regex(/^[^=]+=/, 'allowed: NAME=VALUE'))
    .default([])
    .describe('Another attribute to set, as NAME=VALUE; may be repeated')
    .meta({ whole: true }),
  force,
};

// A saved plan has its own files: batch-update applies it.
const { plan: _plan, maxPlanAge: _age, ...ofOneFile } = planFlags;
const NO_SAVED_PLAN = { plan: undefined, maxPlanAge: PLAN_HOURS };

export const updateState = command({
  name: 'update-state',
  description: 'Sets the status and other attributes of one file, if it has not changed since it was read',
  flags: z.object({ ...selection, ...ofOneFile }),
  positional: 'file',
  buckets: true,
  examples: [
    ['2026-11-23-x.ndjson --new-status pending --env local', 'what it would do'],
    [
      "2026-11-23-x.ndjson --new-status failed --set error_message='no such table' --apply --reason 'seen in the log'",
      'sets them',
    ],
  ],
  run: (context) =>
    runPlan(
      { ...context, flags: { ...context.flags, ...NO_SAVED_PLAN } },
      'update-state',
      selection,
      async function* () {
        const { flags, deps } = context;
        const record = await findFile(context, flags, (key) => readRecord(deps.tracking, key));
        const request = {
          ...keyOf(record),
          new_status: flags.newStatus,
          expected_status: flags.expectedStatus,
          force: flags.force,
          additional_fields: fieldsOf(flags.set),
        };
        yield* entryFor(context, request);
      },
    ),
});

function fieldsOf(settings: readonly string[]) {
  const pairs = settings.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]);
  const parsed = additionalFields.safeParse(Object.fromEntries(pairs));
  if (parsed.success) return parsed.data;
  throw usageError(
    `--set: ${parsed.error.issues[0]?.message}.`,
    'Keys, the status and audit attributes cannot be set this way.',
  );
}

await main(import.meta, updateState);
