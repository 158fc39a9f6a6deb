import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { LOCAL_BUILDER } from '../shared/aws/local-machine.ts';
import { planWake, type WakePlan, wakeBuilder as wake } from '../shared/changes/wake-builder.ts';
import { changeRequestOf } from '../shared/cli/change-report.ts';
import { command, type RunContext } from '../shared/cli/command.ts';
import { DATE_TEXTS, date } from '../shared/cli/dates.ts';
import { main } from '../shared/cli/entry.ts';
import { writeFlags } from '../shared/cli/flags.ts';
import { detailLines } from '../shared/cli/terminal.ts';
import { pickupText } from '../shared/pipeline/pickup.ts';
import { readSuffixes } from '../shared/projection/counter-items.ts';
import { countOf } from '../shared/text/number-text.ts';
import { Refused } from '../shared/text/refused.ts';
import { fileArgs } from '../shared/text/shell-text.ts';
import { resolveDate } from '../shared/text/time.ts';

export const wakeBuilder = command({
  name: 'wake-builder',
  description: "Wakes the pipeline's manifest builder for a date, which otherwise only an upload does",
  flags: z.object({
    date: date
      .unwrap()
      .describe('The date whose pending files the builder should take')
      .meta({ ...DATE_TEXTS, alias: 'date-prefix' }),
    object: z
      .string()
      .min(1)
      .optional()
      .describe('An object without a record, to tell the builder about')
      .meta({ allowed: 'the key or s3:// address of an input object' }),
    ...writeFlags,
  }),
  positional: 'date',
  buckets: true,
  examples: [
    ['yesterday --env local', 'what is pending there, and the event that would be sent'],
    [
      '2026-11-22 --object pipeline/input/2026-11-22/x.ndjson',
      'the event of an object whose own event was lost',
    ],
    ["2026-11-22 --apply --reason 'reset after the outage'", 'sends it, after confirmation'],
  ],
  async run(context) {
    const { flags, deps, note, again, variables, where, now } = context;
    const suffixes = await readSuffixes(deps.projection);
    const plan = await planWake(deps, {
      date: resolveDate(flags.date, now),
      region: where.region,
      id: randomUUID(),
      suffixes,
      object: flags.object,
    }).catch((error: unknown) => {
      throw aimedRefusal(context, error);
    });
    const day = plan.file.date_prefix;
    const name = functionName(context);
    note(
      `${day}: ${pendingText(plan.pending, deps.profile.builder.max_files)}; ${pickupText(day, plan.pending, deps)}.`,
    );
    noteHarmful(context, plan.harmful);
    if (!flags.apply) {
      await print(context, {
        date: day,
        function: name,
        pending: plan.pending,
        file: plan.file.file_key,
        event: plan.event,
      });
      note(`Nothing was sent. To wake the builder: ${again(['--apply', '--reason', 'WHY'])}`);
      return;
    }
    await context.confirm(`Wake the builder ${name} for ${day}, whose files are`);
    // Its client is loaded only by those who use it.
    const { functionInvoker } = await import('../shared/aws/invoke.ts');
    const request = changeRequestOf(deps, { reason: flags.reason });
    const answer = await wake(deps, plan, request, functionInvoker(variables, name));
    await print(context, {
      date: day,
      function: name,
      file: plan.file.file_key,
      change_id: request.id,
      answer,
    });
    note(`Change ${request.id}. The builder was woken; it also takes pending files of earlier dates.`);
    return;
  },
});

/** Its next step leads to the same target. */
function aimedRefusal({ aimed }: RunContext, error: unknown): unknown {
  return error instanceof Refused ? new Refused(error.code, error.message, aimed(error.commandHint)) : error;
}

/** What must be done first, since the builder takes these, too. */
function noteHarmful({ note, commandLine }: RunContext, harmful: WakePlan['harmful']): void {
  const [first] = harmful;
  if (!first) return;
  const { key, obstacle } = first;
  const status = obstacle.code === 'INPUT_GONE' ? 'failed' : 'quarantined';
  const args = [...fileArgs(key.date_prefix, key.file_key), '--new-status', status];
  note(
    `${countOf(harmful.length, 'pending file')} would fail the whole manifest. ${key.file_key}: ${obstacle.sentence}. First run: ${commandLine('update-state', args)}`,
  );
}

function pendingText(pending: number, most: number): string {
  return pending >= most ? `${most} files or more are pending` : `${pending} of ${most} files are pending`;
}

/** @throws Refused when a deployment's builder has no name in the profile */
function functionName({ deps, target }: RunContext): string {
  const { function_name } = deps.profile.builder;
  if (function_name !== null) return function_name;
  if (target.environment === 'local') return LOCAL_BUILDER;
  throw new Refused(
    'UNAVAILABLE',
    `The settings do not say which function the builder of ${target.environment} is. Nothing was sent.`,
    `Name it in settings.${target.environment}.json: {"pipeline": {"builder": {"function_name": "…"}}}.`,
  );
}

async function print({ output }: RunContext, shown: Readonly<Record<string, unknown>>): Promise<void> {
  const texts = Object.entries(shown).map(([name, value]): [string, string] => [
    name.replaceAll('_', ' '),
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  await output.answer(shown, {
    columns: texts.map(([name, text]) => ({ name, value: () => text })),
    rows: [shown],
    lines: ({ colorize }) => detailLines(texts, colorize),
  });
}

await main(import.meta, wakeBuilder);
