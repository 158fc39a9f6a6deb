import type { Deps, Table } from '../aws/deps.ts';
import { readCounters } from '../projection/counter-items.ts';
import type { StatusCounts } from '../projection/counters.ts';
import { countersPrint } from '../projection/recount.ts';
import { type ReportId, readReport, saveReport } from '../reports/reports.ts';
import { dayOf } from '../text/time.ts';
import { OLDEST_CHECKPOINT_MILLIS } from './audit.ts';
import { type KeyRange, keyFinder, splitKeys } from './key-ranges.ts';
import { findSubFolders, type SubFolders } from './sub-folders.ts';

/** A date, or one range of the keys of a very large one. */
export interface AuditUnit {
  readonly date_prefix: string;
  readonly range?: number;
}

/** The ranges into which a date is cut. It is plain JSON. */
export interface RangePlan {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly ranges: readonly KeyRange[];
  /** Unknown to the version before. */
  readonly folders?: SubFolders;
  /** The fingerprint of the counters before any range was compared. */
  readonly counters: string;
}

/** From how many files on a date is cut, and how large its parts are. */
export interface RangeSizes {
  readonly from: number;
  readonly files: number;
}

// Ten million files take an hour in one run. Ranges differ in size, so they are kept small.
const SIZES: RangeSizes = { from: 10_000_000, files: 1_000_000 };
// The ranges of a date are one item, and the units of all dates together are passed from state to state of the run.
const MOST_OF_DATE = 1_000;
const MOST_OF_ALL = 2_000;

type PlanDeps = Pick<Deps, 'tracking' | 'projection' | 'storage' | 'profile' | 'now' | 'signal'>;

/**
 * The units of an audit: one per date, or ranges of keys for very large dates. Ranges that are no older than a
 * checkpoint may be are used again, so that a restarted audit continues. A date after today has no unit while it has no
 * files: names may contain any text of the form of a date, and such dates never become old enough to be left out.
 */
export async function planUnits(
  deps: PlanDeps,
  dates: readonly string[],
  sizes: RangeSizes = SIZES,
): Promise<AuditUnit[]> {
  const units: AuditUnit[] = [];
  let left = MOST_OF_ALL;
  for (const date_prefix of dates) {
    const plan = left > 1 && !deps.signal.aborted ? await planOf(deps, date_prefix, sizes, left) : undefined;
    if (plan === 'nothing to audit') continue;
    if (plan) units.push(...plan.ranges.map((_, range) => ({ date_prefix, range })));
    else units.push({ date_prefix });
    left -= plan?.ranges.length ?? 0;
  }
  return units;
}

/** The ranges in which a date is audited; undefined when they are all done. */
export function readPlan(projection: Table, date: string): Promise<RangePlan | undefined> {
  return readReport<RangePlan>(projection, planId(date));
}

export function planId(date: string): ReportId {
  return { job: 'consistency-audit', about: `ranges#${date}` };
}

async function planOf(
  deps: PlanDeps,
  date: string,
  { from, files }: RangeSizes,
  most: number,
): Promise<RangePlan | 'nothing to audit' | undefined> {
  const { projection, now } = deps;
  const { file, manifest } = await readCounters(projection, date, 'eventual');
  const total = sumOf(file);
  if (date > dayOf(now) && total === 0 && sumOf(manifest) === 0) return 'nothing to audit';
  if (total < from) return undefined;
  const known = await readPlan(projection, date);
  if (known && now - known.startedAt < OLDEST_CHECKPOINT_MILLIS) return known;
  const counters = await countersPrint(projection, date);
  const wanted = Math.min(most, MOST_OF_DATE, Math.ceil(total / files));
  const ranges = await splitKeys(keyFinder(deps, date), wanted);
  const plan = { startedAt: now, ranges, folders: await findSubFolders(deps, date), counters };
  await saveReport(projection, planId(date), plan);
  return plan;
}

function sumOf(counts: StatusCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
