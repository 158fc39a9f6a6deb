import pMap from 'p-map';
import { readSweepReport, type SweepReport } from '../orphans/sweep-report.ts';
import type { ReportedOrphan } from '../orphans/sweep-state.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import { liveStatus } from '../projection/head.ts';
import { readHead } from '../projection/projection-table.ts';
import { readAcknowledged } from '../reports/acknowledged-files.ts';
import type { Source } from './view.ts';

/** The last sweep, with what has changed since for the orphans that it lists. */
export interface SweepNow extends SweepReport {
  /** The current status of those that have moved on; `removed` if the record no longer exists. */
  readonly changed?: ReadonlyMap<string, string>;
}

// At most as many heads are read as a report lists orphans.
const CONCURRENT_READS = 16;

/**
 * The report of the last sweep, compared with the heads of the files that it lists, and without those that were
 * acknowledged since; undefined if no sweep has run.
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

/** The file's new status; undefined if it has not changed since it was found. */
function statusSince(
  head: Awaited<ReturnType<typeof readHead>>,
  { foundAt }: Pick<ReportedOrphan, 'foundAt'>,
  { startedAt }: SweepReport,
): string | undefined {
  // If the stream never brought it, nothing is known of it.
  if (!head) return undefined;
  // A head older than the finding is behind: it shows the state before.
  const isLater = Date.parse(head.since) > Date.parse(foundAt ?? startedAt);
  return isLater ? (liveStatus(head) ?? 'removed') : undefined;
}

/** The current status of an orphan that has changed since it was found; undefined if it has not. */
export function changedStatus({ changed }: SweepNow, key: RecordKey): string | undefined {
  return changed?.get(keyText(key));
}

/** How many orphans are left, whether they are listed or not. */
export function orphansIn({ totals, changed }: SweepNow): number {
  return Object.values(totals).reduce((sum, count) => sum + count, 0) - (changed?.size ?? 0);
}

/** How many of a kind have changed since. */
export function changedOfKind(sweep: SweepNow, kind: ReportedOrphan['kind']): number {
  return sweep.orphans.filter((orphan) => orphan.kind === kind && changedStatus(sweep, orphan) !== undefined)
    .length;
}

function keyText({ date_prefix, file_key }: RecordKey): string {
  return JSON.stringify([date_prefix, file_key]);
}
