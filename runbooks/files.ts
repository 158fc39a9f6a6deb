import * as z from 'zod';
import { command, type RunContext } from '../shared/cli/command.ts';
import { closedRange, dateFlags, resolveDates } from '../shared/cli/dates.ts';
import { main } from '../shared/cli/entry.ts';
import { duration, fileClass, limitOf, listFlags, text } from '../shared/cli/flags.ts';
import { noteIncomplete } from '../shared/cli/incomplete.ts';
import { printList } from '../shared/cli/output.ts';
import { unknownAges } from '../shared/cli/unknown-ages.ts';
import { shownRecord } from '../shared/operations/answers.ts';
import { listedStatus } from '../shared/operations/inputs.ts';
import { isInManifest } from '../shared/pipeline/in-manifest.ts';
import { eachFile } from '../shared/pipeline/listings.ts';
import { FAILURE_STATUSES } from '../shared/pipeline/record-failure.ts';
import { UNKNOWN_STATUS } from '../shared/pipeline/status.ts';
import type { DateRange, KnownSuffixes } from '../shared/pipeline/status-index.ts';
import type { TrackingRecord } from '../shared/pipeline/tracking-table.ts';
import { readCounters } from '../shared/projection/counter-items.ts';
import { datesIn } from '../shared/projection/dates.ts';
import { classFilter } from '../shared/statistics/class-files.ts';
import { eachUnknown } from '../shared/statistics/unknown-status.ts';
import { usageError } from '../shared/text/refused.ts';
import { fileColumns } from './views/record-columns.ts';

const flags = z.object({
  status: listedStatus
    .optional()
    .describe('Only files in this status; unknown stands for any other status and for none'),
  class: fileClass,
  manifest: text('Only files in this manifest: its name, key or URI'),
  ...dateFlags,
  olderThan: duration.describe(
    'Only files in their status for longer than this; files of unknown age are left out',
  ),
  ...listFlags,
});

type Flags = z.output<typeof flags>;

export const files = command({
  name: 'files',
  description: 'Lists all files of a status or of a date, oldest date first',
  flags,
  examples: [
    ['--env local --status failed', 'what failed on this machine'],
    ['--date today', "today's files"],
    ['--status manifested --older-than 2h', 'what may be stuck'],
    ['--class java-heap-space-1-0a1b2c --date today', 'what failed today for a cause that failures.ts lists'],
    ['--date yesterday --manifest batch-0001.json', 'what is in a manifest'],
    ['--status completed --output csv > completed.csv', 'all of them, for a spreadsheet'],
    ['--status pending --output ndjson | head -5', 'whole records, one per line'],
  ],
  async run(context) {
    const { flags, deps, output, now, note } = context;
    const { status, olderThan } = flags;
    const dates = resolveDates(flags, now);
    const counters = await readCounters(deps.projection, undefined);
    const found = await find(context, dates, counters.suffixes);
    const ages = unknownAges();
    const isOfClass = await classFilter(deps.projection, flags.class);
    const isMeant = (record: TrackingRecord) => isOfClass(record) && isOfManifest(record, flags);
    const meant = onlyThose(found, isMeant);
    const older = ages.older(deps.projection, meant, { olderThan, now });
    const isNarrowed = olderThan !== undefined || flags.class || flags.manifest !== undefined;
    const isWhole = status && !dates.start && !dates.end && !isNarrowed;
    await printList(context, {
      things: 'files',
      columns: fileColumns(now),
      rows: shown(older),
      limit: limitOf(flags, output.form),
      total: isWhole ? counters.file[status] : undefined,
    });
    ages.note(note);
  },
});

/** @throws Refused when neither a status nor a date nor a class was given */
async function find(
  context: RunContext<Flags>,
  dates: DateRange,
  suffixes: KnownSuffixes,
): Promise<AsyncIterable<TrackingRecord>> {
  const { flags, deps, now } = context;
  const { status } = flags;
  if (status === UNKNOWN_STATUS) return eachUnknown(deps, { entity: 'file', range: dates });
  if (status) {
    noteIncomplete(context, suffixes);
    return eachFile(deps.tracking, { status, range: dates }, suffixes);
  }
  if (flags.class) {
    noteIncomplete(context, suffixes);
    return eachFailed(deps.tracking, dates, suffixes);
  }
  const range = closedRange(dates, now);
  if (range) return eachFile(deps.tracking, { dates: await datesIn(deps.projection, range) }, suffixes);
  throw usageError(
    'Received neither a status nor a date.',
    'Add --status failed, for example, or --date today.',
  );
}

async function* eachFailed(
  tracking: RunContext['deps']['tracking'],
  range: DateRange,
  suffixes: KnownSuffixes,
): AsyncGenerator<TrackingRecord, void> {
  for (const status of FAILURE_STATUSES) yield* eachFile(tracking, { status, range }, suffixes);
}

function isOfManifest({ manifest_path }: TrackingRecord, { manifest }: Flags): boolean {
  return manifest === undefined || isInManifest(manifest_path, manifest);
}

async function* onlyThose(
  records: AsyncIterable<TrackingRecord>,
  isMeant: (record: TrackingRecord) => boolean,
): AsyncGenerator<TrackingRecord, void> {
  for await (const record of records) if (isMeant(record)) yield record;
}

async function* shown(records: AsyncIterable<TrackingRecord>): AsyncGenerator<TrackingRecord, void> {
  for await (const record of records) yield shownRecord(record);
}

await main(import.meta, files);
