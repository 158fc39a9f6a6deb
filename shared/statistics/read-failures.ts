import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import { partOf, readPartition } from '../projection/counter-items.ts';
import { CLASS_MARK } from '../projection/counter-kind.ts';
import { type CounterItem, countsOf } from '../projection/counters.ts';
import { hourOf, OTHER_CLASS } from '../projection/failure-counts.ts';
import { CLASSES } from '../projection/known-classes.ts';
import { isoTime } from '../text/time.ts';

const HOUR = 3_600_000;
const HOURS = 24;

/** A class of failures, in all. Times are `…Z`. */
export interface FailureSummary {
  readonly class: string;
  /** What its failures have in common. */
  readonly text: string;
  /** How many files are in it now, of a date or in all. */
  readonly failed: number;
  readonly quarantined: number;
  /** How often a file failed this way, over all dates, since classes have been counted. */
  readonly entered: number;
  /** How often in the current hour (UTC) and the one before, and in the current one and the 23 before. */
  readonly last_hours: number;
  readonly last_day: number;
  /** The same by hour, the current one last. */
  readonly by_hour: readonly number[];
  /** Null if unknown. */
  readonly first_seen: string | null;
  /** Exact to the hour: the start of the hour of the last one, or `first_seen` if that is later; null if unknown. */
  readonly last_seen: string | null;
}

/**
 * The classes that have files now or had some within a day, largest first: one Query, and one more for a date. Forty classes
 * cost one or two read units.
 *
 * @param now milliseconds since the epoch
 */
export async function readFailures(
  table: Table,
  date_prefix: string | undefined,
  now: number,
): Promise<FailureSummary[]> {
  const [all, dated] = await Promise.all([
    readPartition(table, undefined, 'eventual', 'classes'),
    date_prefix === undefined ? undefined : readPartition(table, date_prefix, 'eventual', 'classes'),
  ]);
  const summaries = [...sumByClass(all)].map(([id, counts]) => summaryOf(id, counts, all, now));
  const shown = dated ? ofDate(summaries, sumByClass(dated)) : summaries.filter(isShown);
  return shown.sort((a, b) => sizeOf(b) - sizeOf(a) || (a.class < b.class ? -1 : 1));
}

/** How often files were counted in each of these classes since counting began; 0 if never. */
export async function readEntered(
  table: Table,
  classes: ReadonlySet<string>,
): Promise<Readonly<Record<string, number>>> {
  if (classes.size === 0) return {};
  const counts = sumByClass(await readPartition(table, undefined, 'eventual', 'classes'));
  return Object.fromEntries([...classes].map((id) => [id, counts.get(id)?.get('e') ?? 0]));
}

/** A file that once failed this way; it may have moved on. */
export interface Sample extends RecordKey {
  /** When it failed, `…Z`, or empty. */
  readonly at: string;
}

/** Some files of a class: the last ones that one of the processes has seen. */
export async function readSamples(table: Table, classId: string): Promise<readonly Sample[]> {
  const get = new GetCommand({ TableName: table.name, Key: { pk: CLASSES, sk: classId } });
  const { Item } = await table.docs.send(get);
  return (Item?.samples as readonly Sample[] | undefined) ?? [];
}

type Counts = ReadonlyMap<string, number>;

function sumByClass(items: readonly CounterItem[]): Map<string, Counts> {
  const classes = new Map<string, Map<string, number>>();
  for (const item of items) {
    const part = partOf(item)?.part;
    if (part === undefined) continue;
    const counts = classes.get(part.slice(CLASS_MARK.length)) ?? new Map<string, number>();
    for (const [name, count] of Object.entries(countsOf(item))) {
      counts.set(name, (counts.get(name) ?? 0) + count);
    }
    classes.set(part.slice(CLASS_MARK.length), counts);
  }
  return classes;
}

function summaryOf(id: string, counts: Counts, all: readonly CounterItem[], now: number): FailureSummary {
  const about = all.find(({ sk }) => sk === `${CLASS_MARK}${id}`);
  const hours = [...counts].flatMap(([name, count]) => {
    const from = hourOf(name);
    return from === undefined || count <= 0 ? [] : [{ from, count }];
  });
  const thisHour = Math.floor(now / HOUR) * HOUR;
  const by_hour = Array.from({ length: HOURS }, (_, i) => {
    const from = thisHour - (HOURS - 1 - i) * HOUR;
    return hours.find((hour) => hour.from === from)?.count ?? 0;
  });
  const sumOf = (last: number) => by_hour.slice(-last).reduce((sum, count) => sum + count, 0);
  const first = typeof about?.first === 'string' ? about.first : null;
  const last = Math.max(...hours.map(({ from }) => from), first === null ? 0 : Date.parse(first));
  return {
    class: id,
    text: id === OTHER_CLASS ? 'all other classes' : String(about?.text ?? id),
    failed: counts.get('f') ?? 0,
    quarantined: counts.get('q') ?? 0,
    entered: counts.get('e') ?? 0,
    last_hours: sumOf(2),
    last_day: sumOf(HOURS),
    by_hour,
    first_seen: first,
    last_seen: hours.length === 0 ? null : isoTime(last),
  };
}

/** With the counts of one date. */
function ofDate(summaries: readonly FailureSummary[], dated: ReadonlyMap<string, Counts>): FailureSummary[] {
  const shown = summaries.map((summary) => ({
    ...summary,
    failed: dated.get(summary.class)?.get('f') ?? 0,
    quarantined: dated.get(summary.class)?.get('q') ?? 0,
  }));
  return shown.filter((summary) => sizeOf(summary) !== 0);
}

function isShown(summary: FailureSummary): boolean {
  return sizeOf(summary) !== 0 || summary.last_day > 0;
}

function sizeOf({ failed, quarantined }: FailureSummary): number {
  return failed + quarantined;
}
