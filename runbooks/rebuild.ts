import * as z from 'zod';
import { noteUpkeep } from '../shared/changes/upkeep.ts';
import { changeRequestOf } from '../shared/cli/change-report.ts';
import { command, type RunContext } from '../shared/cli/command.ts';
import { main } from '../shared/cli/entry.ts';
import { writeFlags } from '../shared/cli/flags.ts';
import { countColumn } from '../shared/cli/table.ts';
import { readTableSize } from '../shared/pipeline/tracking-table.ts';
import { assertResumable, estimateRebuild, runRebuild } from '../shared/projection/rebuild-run.ts';
import { countOf } from '../shared/text/number-text.ts';
import { EXIT } from '../shared/text/refused.ts';
import { durationText } from '../shared/text/time-text.ts';

const ESTIMATE = [
  countColumn<Estimate>('records', ({ records }) => records),
  countColumn<Estimate>('read_units', ({ readUnits }) => readUnits, 'read units'),
  countColumn<Estimate>('write_units', ({ writeUnits }) => writeUnits, 'write units'),
  countColumn<Estimate>('seconds', ({ seconds }) => seconds),
];
const RESULT = [
  countColumn<Result>('scanned', ({ scanned }) => scanned),
  countColumn<Result>('inserted', ({ inserted }) => inserted, 'heads written'),
  countColumn<Result>('renewed', ({ renewed }) => renewed, 'heads renewed'),
  countColumn<Result>('refused', ({ refused }) => refused),
  countColumn<Result>('segments_done', ({ segmentsDone }) => segmentsDone, 'segments done'),
];

type Estimate = ReturnType<typeof estimateRebuild>;
type Result = Awaited<ReturnType<typeof runRebuild>>;

export const rebuild = command({
  name: 'rebuild',
  description:
    'Creates a head for every tracking record that has none, for a table that is older than the projection',
  flags: z.object({
    rate: z.int().min(1).max(100_000).default(1_000).describe('Maximum number of records to read per second'),
    segments: z.int().min(1).max(64).default(4).describe('Parallel parts of the scan'),
    resume: z.string().min(1).optional().describe('The id of an interrupted rebuild, to resume it'),
    ...writeFlags,
  }),
  examples: [
    ['--env local', 'what it would read and write on this machine, and how long it would take'],
    ["--apply --reason 'first deployment'", 'rebuilds, after confirmation; the stream may keep flowing'],
    ["--resume ID --apply --reason 'first deployment'", 'resumes where an interrupted one stopped'],
  ],
  async run(context) {
    const { flags, deps, output, note } = context;
    if (flags.resume !== undefined) {
      await assertResumable(deps.projection, { id: flags.resume, segments: flags.segments });
    }
    const estimate = estimateRebuild(await readTableSize(deps.tracking), flags.rate);
    if (!flags.apply) {
      await output.answer(estimate, { columns: ESTIMATE, rows: [estimate] });
      const longest = durationText(estimate.seconds * 1_000);
      note(`At most about ${longest}. DynamoDB updates the table's size every six hours.`);
      note(`Nothing was written. To rebuild: ${context.again(['--apply', '--reason', 'WHY'])}`);
      return EXIT.done;
    }
    await context.confirm('Rebuild the projection of the records');
    await noteUpkeep(deps, 'rebuild', changeRequestOf(deps, flags));
    const id = flags.resume ?? deps.newId();
    const done = await rebuildAll(context, id, estimate.records);
    await output.answer({ id, ...done }, { columns: RESULT, rows: [done] });
    if (done.refused > 0) {
      note(`${countOf(done.refused, 'record')} cannot have a head, and are not counted.`);
    }
    if (done.segmentsDone === flags.segments) return done.refused > 0 ? EXIT.partly : EXIT.done;
    if (done.scanned === 0 && flags.resume === undefined) note('Interrupted before anything was read.');
    else note(`Interrupted. To resume: ${resumption(context, id)}`);
    return EXIT.interrupted;
  },
});

type Flags = Pick<z.output<typeof rebuild.flags>, 'rate' | 'segments'>;

function resumption({ flags, commandLine }: RunContext<Flags>, id: string): string {
  const same = ['--resume', id, '--segments', `${flags.segments}`, '--rate', `${flags.rate}`];
  return commandLine('rebuild', [...same, '--apply', '--reason', 'WHY']);
}

async function rebuildAll(context: RunContext<Flags>, id: string, records: number): Promise<Result> {
  const { flags, deps, progress, interrupted, note } = context;
  note(`Rebuild ${id}.`);
  const bar = progress('records', records);
  const run = {
    id,
    segments: flags.segments,
    recordsPerSecond: flags.rate,
    clock: () => performance.now(),
    signal: interrupted,
    onProgress: ({ scanned }: Result) => bar.update(scanned),
  };
  const done = await runRebuild(run, deps);
  bar.end();
  return done;
}

await main(import.meta, rebuild);
