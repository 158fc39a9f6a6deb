import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { newChangeId } from '../shared/changes/change.ts';
import type { RunContext } from '../shared/cli/command.ts';
import { projectionContext } from '../shared/cli/projection-context.ts';
import { runCommand } from '../shared/cli/run-command.ts';
import { countColumn } from '../shared/cli/table.ts';
import { writeFlags } from '../shared/cli/write-flags.ts';
import { readTableSize } from '../shared/pipeline/tracking-table.ts';
import { estimateRebuild, runRebuild } from '../shared/projection/rebuild-run.ts';
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
  countColumn<Result>('refused', ({ refused }) => refused),
  countColumn<Result>('segments_done', ({ segmentsDone }) => segmentsDone, 'segments done'),
];

type Estimate = ReturnType<typeof estimateRebuild>;
type Result = Awaited<ReturnType<typeof runRebuild>>;

await runCommand({
  name: 'rebuild',
  description:
    'Gives every tracking record a head that has none: for a table that is older than the projection',
  flags: z.object({
    rate: z.int().min(1).max(100_000).default(1_000).describe('Records to read per second, at most'),
    segments: z.int().min(1).max(64).default(4).describe('Parallel parts of the scan'),
    resume: z.string().min(1).optional().describe('The id of an interrupted rebuild, to go on with it'),
    ...writeFlags,
  }),
  examples: [
    ['--env local', 'what it would read, write and take on this machine'],
    ["--apply --reason 'first deployment'", 'rebuilds, after a question; the stream may go on flowing'],
    ["--resume ID --apply --reason 'first deployment'", 'goes on where an interrupted one stopped'],
  ],
  async run(context) {
    const { flags, service, output, note, now } = context;
    const estimate = estimateRebuild(await readTableSize(service.tracking), flags.rate);
    if (!flags.apply) {
      await output.answer(estimate, { columns: ESTIMATE, rows: [estimate] });
      note(
        `At most about ${durationText(estimate.seconds * 1_000)}. The table's size is counted every six hours.`,
      );
      note('Nothing was written. To rebuild, add --apply and --reason.');
      return EXIT.done;
    }
    await context.confirm('Rebuild the projection of the records');
    const id = flags.resume ?? newChangeId(now, randomBytes(4).toString('hex'));
    const done = await rebuild(context, id, estimate.records);
    await output.answer({ id, ...done }, { columns: RESULT, rows: [done] });
    if (done.refused > 0) {
      note(`${countOf(done.refused, 'record')} cannot have a head, and stay uncounted.`);
    }
    if (done.segmentsDone === flags.segments) return done.refused > 0 ? EXIT.partly : EXIT.done;
    note(
      `Interrupted. To go on: ${context.commandLine('rebuild', [...['--resume', id, '--segments', `${flags.segments}`], ...['--apply', '--reason', 'WHY']])}`,
    );
    return EXIT.interrupted;
  },
});

async function rebuild(
  context: RunContext<{ rate: number; segments: number }>,
  id: string,
  records: number,
): Promise<Result> {
  const { flags, progress, interrupted, note } = context;
  note(`Rebuild ${id}.`);
  const bar = progress('records', records);
  const run = {
    id,
    segments: flags.segments,
    recordsPerSecond: flags.rate,
    signal: interrupted,
    onProgress: ({ scanned }: Result) => bar.update(scanned),
  };
  const done = await runRebuild(run, projectionContext(context));
  bar.end();
  return done;
}
