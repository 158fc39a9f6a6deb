import pMap from 'p-map';
import { readSweepReport, type SweepReport } from '../orphans/sweep-report.ts';
import type { ReportedOrphan } from '../orphans/sweep-state.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import { readAcknowledged } from '../projection/acknowledged-files.ts';
import { liveStatus } from '../projection/head.ts';
import { readHead } from '../projection/projection-table.ts';
import type { Source } from './view.ts';

/** The last sweep, with what became since of the orphans that it lists. */
export interface SweepNow extends SweepReport {
  /** The present status of those that have moved on; `removed` where there is no record any more. */
  readonly changed?: ReadonlyMap<string, string>;
}

// As many as a report lists of all kinds; heads are read only where there are orphans.
const CONCURRENT_READS = 16;

/**
 * The report of the last sweep, compared with the heads of the files that it lists, and without those of them that are
 * acknowledged since; undefined when none has run.
 */
export async function readSweepNow(
  source: Pick<Source, 'tracking' | 'projection' | 'now'>,
): Promise<SweepNow | undefined> {
  const { projection } = source;
  const report = await readSweepReport({ projection });
  if (!report) return undefined;
  const sweep = await withoutAcknowledged(source, report);
  const files = sweep.orphans.filter(({ file_key }) => file_key !== '');
  const statuses = await pMap(
    files,
    async (orphan) => statusSince(await readHead(projection, orphan), orphan, sweep),
    {
      concurrency: CONCURRENT_READS,
    },
  );
  const moved = files.flatMap((file, i) => {
    const status = statuses[i];
    return status === undefined ? [] : [[keyText(file), status] as const];
  });
  return { ...sweep, changed: new Map(moved) };
}

async function withoutAcknowledged(
  source: Pick<Source, 'tracking' | 'projection' | 'now'>,
  sweep: SweepReport,
): Promise<SweepReport> {
  if (sweep.orphans.length === 0) return sweep;
  const known = await readAcknowledged(source);
  const words = await pMap(sweep.orphans, (orphan) => known.ofFile(orphan, orphan.kind), {
    concurrency: CONCURRENT_READS,
  });
  const totals = { ...sweep.totals };
  for (const [i, { kind }] of sweep.orphans.entries()) if (words[i]) totals[kind] -= 1;
  const orphans = sweep.orphans.filter((_, i) => !words[i]);
  const acknowledged = (sweep.acknowledged ?? 0) + sweep.orphans.length - orphans.length;
  return { ...sweep, totals, orphans, acknowledged };
}

/** What the file has become; undefined when it is as it was found. */
function statusSince(
  head: Awaited<ReturnType<typeof readHead>>,
  { foundAt }: Pick<ReportedOrphan, 'foundAt'>,
  { startedAt }: SweepReport,
): string | undefined {
  // Where the stream never showed it, nothing can be told of it.
  if (!head) return undefined;
  // A head that is older than the finding is behind: it tells of before.
  const isLater = Date.parse(head.since) > Date.parse(foundAt ?? startedAt);
  return isLater ? (liveStatus(head) ?? 'removed') : undefined;
}

/** The present status of an orphan that has changed since it was found; undefined when it has not. */
export function changedStatus({ changed }: SweepNow, key: RecordKey): string | undefined {
  return changed?.get(keyText(key));
}

/** How many orphans there are still, whether they are listed or not. */
export function orphansIn({ totals, changed }: SweepNow): number {
  return Object.values(totals).reduce((sum, count) => sum + count, 0) - (changed?.size ?? 0);
}

/** Which of a kind have changed since. */
export function changedOfKind(sweep: SweepNow, kind: ReportedOrphan['kind']): number {
  return sweep.orphans.filter((orphan) => orphan.kind === kind && changedStatus(sweep, orphan) !== undefined)
    .length;
}

function keyText({ date_prefix, file_key }: RecordKey): string {
  return JSON.stringify([date_prefix, file_key]);
}
