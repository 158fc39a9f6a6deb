import { paginateQuery } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import type { Deps, Table } from '../aws/deps.ts';
import { FAILURE_STATUSES } from '../pipeline/record-failure.ts';
import type { KnownSuffixes } from '../pipeline/status-index.ts';
import { CLASS_MARK, counterPartition } from '../projection/counter-kind.ts';
import { countsOf } from '../projection/counters.ts';
import { listDates } from '../projection/dates.ts';
import { classFilter, listByClass } from './class-files.ts';
import type { FailureSummary } from './read-failures.ts';

/** How many files of a class a date has. */
export interface ClassDate {
  readonly date_prefix: string;
  readonly failed: number;
  readonly quarantined: number;
}

/** Which dates have files of a class, newest first; exact unless `complete` is false. */
export interface ClassDates {
  readonly dates: readonly ClassDate[];
  /** Whether they account for every file of the class. */
  readonly complete: boolean;
}

const MOST_DATES = 100;
const AT_ONCE = 20;

/**
 * The dates of a class: one Query of half a read unit per date, from the newest one back, until all of its files are found
 * or 100 dates have been read.
 *
 * @param only reads just this date
 */
export async function readClassDates(
  table: Table,
  { class: classId, failed, quarantined }: Pick<FailureSummary, 'class' | 'failed' | 'quarantined'>,
  only?: string,
): Promise<ClassDates> {
  const asked = only === undefined ? (await listDates(table)).reverse().slice(0, MOST_DATES) : [only];
  const dates: ClassDate[] = [];
  let left = failed + quarantined;
  for (let from = 0; from < asked.length && left > 0; from += AT_ONCE) {
    const read = (date: string) => readClassDate(table, classId, date);
    const found = await pMap(asked.slice(from, from + AT_ONCE), read, { concurrency: AT_ONCE });
    dates.push(...found.filter((date) => date.failed + date.quarantined > 0));
    left -= found.reduce((sum, date) => sum + date.failed + date.quarantined, 0);
  }
  return { dates, complete: only !== undefined || left === 0 };
}

async function readClassDate(table: Table, classId: string, date_prefix: string): Promise<ClassDate> {
  const query = {
    TableName: table.name,
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :class)',
    ExpressionAttributeValues: { ':pk': counterPartition(date_prefix), ':class': `${CLASS_MARK}${classId}#` },
  };
  const sums = { f: 0, q: 0 };
  for await (const { Items = [] } of paginateQuery({ client: table.docs }, query)) {
    for (const { f = 0, q = 0 } of Items.map(countsOf)) {
      sums.f += f;
      sums.q += q;
    }
  }
  return { date_prefix, failed: sums.f, quarantined: sums.q };
}

/** A manifest, and how many of the files that were read are in it. */
export interface ClassManifest {
  readonly date_prefix: string;
  /** As in the record: a URI, a key or a placeholder; null for files that are in none. */
  readonly manifest: string | null;
  readonly files: number;
}

/** Which manifests the files of a class are in, those with the most first. */
export interface ClassManifests {
  readonly manifests: readonly ClassManifest[];
  /** How many files of the class were read for this. */
  readonly files: number;
  /** Whether these are all of them, in all of their manifests. */
  readonly complete: boolean;
}

const MOST_RECORDS = 1_000;
const MOST_MANIFESTS = 20;

/** The manifests of a class, from the records of its files. No counter has them, so only some records are read. */
export async function readClassManifests(
  deps: Pick<Deps, 'tracking' | 'projection'>,
  summary: Pick<FailureSummary, 'class' | 'failed' | 'quarantined'>,
  { dates, complete }: ClassDates,
  suffixes: KnownSuffixes,
): Promise<ClassManifests> {
  const isOfClass = await classFilter(deps.projection, summary.class);
  const range = { start: complete ? dates.at(-1)?.date_prefix : undefined, end: dates[0]?.date_prefix };
  const counts = new Map<string, ClassManifest>();
  let records = MOST_RECORDS;
  let files = 0;
  for (const status of FAILURE_STATUSES.filter((each) => summary[each] > 0)) {
    const query = { kind: 'file' as const, status, suffixes, range };
    const page = await listByClass(deps, query, isOfClass, { files: records, records });
    records -= page.looked;
    files += page.records.length;
    for (const { date_prefix, manifest_path: path } of page.records) {
      const manifest = typeof path === 'string' ? path : null;
      const id = JSON.stringify([date_prefix, manifest]);
      counts.set(id, { date_prefix, manifest, files: (counts.get(id)?.files ?? 0) + 1 });
    }
    if (records <= 0) break;
  }
  const manifests = [...counts.values()].sort((a, b) => b.files - a.files);
  return {
    manifests: manifests.slice(0, MOST_MANIFESTS),
    files,
    complete: files >= summary.failed + summary.quarantined && manifests.length <= MOST_MANIFESTS,
  };
}
