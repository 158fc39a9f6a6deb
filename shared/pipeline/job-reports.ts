import type { S3Client } from '@aws-sdk/client-s3';
import { objectPages } from '../aws/object-pages.ts';
import { cached } from '../flow/cache.ts';
import type { PipelineProfile } from '../settings/pipeline-profile.ts';
import { addDays, datesBetween, dayOf } from '../text/time.ts';
import { type JobReport, parseJobReport } from './job-report.ts';
import { realName } from './names.ts';
import type { Span } from './outputs.ts';
import { describeFault, isMissing, readText } from './storage.ts';

/** The result of looking for the report about a manifest. Reports may be lost: a missing one proves nothing. */
export type ReportCheck =
  | { readonly found: 'yes'; readonly report: JobReport }
  | { readonly found: 'no' }
  | { readonly found: 'unknown'; readonly error: string };

/**
 * Finds the report about a manifest, named as `bucket/key`, among those of the days in which its job can have run. A
 * successful attempt counts before a failed one.
 */
export type ReportFinder = (manifest: string, span: Span, now: number) => Promise<ReportCheck>;

/** A report as it is listed. */
interface Entry {
  readonly key: string;
  /** Milliseconds since the epoch, from its name, or else from its object. */
  readonly time: number;
}

/** The reports of one day: what was read of them so far, by manifest. */
interface Day {
  /** By ascending time. */
  readonly unread: Entry[];
  /** What is being read right now for another caller. */
  readonly reading: Set<Promise<unknown>>;
  readonly known: Map<string, Set<JobReport>>;
}

const MOST_DAYS = 4;
const MOST_PAGES = 50;
const MOST_BYTES = 1_000_000;
// A limit for all that one process reads; a manifest whose report is not among them counts as having none.
const MOST_READS = 50_000;
const MOST_LISTED = 200_000;
const CONCURRENT_READS = 16;
const SLACK_MILLIS = 5 * 60_000;
const DAY_MILLIS = 86_400_000;

/**
 * Only the report itself says which manifest it is about, so those nearest in time are read first, and none is read
 * twice: a whole day is read only for a manifest that has no report.
 */
export function createReportFinder(
  s3: S3Client,
  bucket: string,
  { job_reports }: Pick<PipelineProfile, 'job_reports'>,
): ReportFinder {
  const dayAt = cached((day) => listDay(s3, bucket, job_reports.prefix, day), {
    most: MOST_LISTED,
    weightOf: ({ unread }) => 1 + unread.length,
  });
  let reads = 0;
  const readNext = async (day: Day, entries: readonly Entry[]) => {
    reads += entries.length;
    const reading = Promise.all(entries.map(({ key }) => readReport(s3, bucket, key)));
    day.reading.add(reading);
    try {
      for (const report of await reading) {
        if (report) day.known.set(report.manifest, (day.known.get(report.manifest) ?? new Set()).add(report));
      }
    } catch (error) {
      day.unread.push(...entries);
      day.unread.sort(byTime);
      throw error;
    } finally {
      day.reading.delete(reading);
    }
  };
  const find = async (manifest: string, days: readonly Day[], near: number): Promise<ReportCheck> => {
    for (;;) {
      const best = bestOf(days.flatMap(({ known }) => [...(known.get(manifest) ?? [])]));
      if (best?.result === 'converted') return { found: 'yes', report: best };
      const others = days.flatMap(({ reading }) => [...reading]);
      const next = others.length === 0 && reads < MOST_READS ? nearest(days, near) : undefined;
      if (next) await readNext(next, takeNearest(next.unread, near));
      else if (others.length > 0) await Promise.allSettled(others);
      else return best ? { found: 'yes', report: best } : { found: 'no' };
    }
  };
  return async (manifest, span, now) => {
    try {
      const { days, near } = whenToLook(span, now);
      return await find(manifest, await Promise.all(days.map(dayAt)), near);
    } catch (error) {
      return { found: 'unknown', error: describeFault(error) };
    }
  };
}

/** The days on which a job can have left its report: a job runs for at most two days, and its end or its start is known. */
function whenToLook(
  { from, to }: Span,
  now: number,
): { readonly days: readonly string[]; readonly near: number } {
  const isOpen = to >= now && from > 0;
  const first = isOpen ? from : Math.max(from, to - (MOST_DAYS - 1) * DAY_MILLIS);
  const last = isOpen ? Math.min(to, from + (MOST_DAYS - 1) * DAY_MILLIS) : to;
  const lastDay = dayOf(last + SLACK_MILLIS);
  const [firstDay = lastDay] = [dayOf(first - SLACK_MILLIS), addDays(lastDay, -MOST_DAYS)].sort().slice(-1);
  return { days: datesBetween(firstDay, lastDay), near: isOpen ? first : last };
}

/** The day that has the unread report nearest in time, if any is unread. */
function nearest(days: readonly Day[], near: number): Day | undefined {
  const distance = ({ unread }: Day) => {
    const at = indexAfter(unread, near);
    const around = [unread[at - 1], unread[at]].flatMap((entry) => entry ?? []);
    return Math.min(...around.map(({ time }) => Math.abs(time - near)));
  };
  const unread = days.filter((day) => day.unread.length > 0);
  return unread.sort((a, b) => distance(a) - distance(b))[0];
}

/** Removes and returns the reports nearest in time, as many as are read at once. */
function takeNearest(unread: Entry[], near: number): Entry[] {
  let from = indexAfter(unread, near);
  let to = from;
  const distance = (at: number) => Math.abs((unread[at]?.time ?? Number.POSITIVE_INFINITY) - near);
  while (to - from < CONCURRENT_READS && to - from < unread.length) {
    if (distance(from - 1) <= distance(to)) from -= 1;
    else to += 1;
  }
  return unread.splice(from, to - from);
}

/** How many of the reports are not later. */
function indexAfter(unread: readonly Entry[], near: number): number {
  let [from, to] = [0, unread.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((unread[middle]?.time ?? 0) <= near) from = middle + 1;
    else to = middle;
  }
  return from;
}

function byTime(a: Entry, b: Entry): number {
  return a.time - b.time;
}

const ORDER = ['failed', 'wrote_nothing', 'converted'] as const satisfies readonly JobReport['result'][];

/** The best result, and of equal ones the latest. */
function bestOf(reports: readonly JobReport[]): JobReport | undefined {
  return reports.reduce<JobReport | undefined>((best, report) => {
    if (!best) return report;
    const ahead = ORDER.indexOf(report.result) - ORDER.indexOf(best.result);
    return ahead > 0 || (ahead === 0 && (report.endedAt ?? 0) > (best.endedAt ?? 0)) ? report : best;
  }, undefined);
}

async function listDay(s3: S3Client, bucket: string, prefix: string, day: string): Promise<Day> {
  const unread: Entry[] = [];
  const request = { Bucket: bucket, Prefix: `${prefix}${day}`, EncodingType: 'url' as const };
  let pages = 0;
  for await (const { Contents = [] } of objectPages(s3, request)) {
    for (const { Key = '', Size = 0, LastModified } of Contents) {
      const key = realName(Key);
      if (Size <= MOST_BYTES) unread.push({ key, time: timeOf(key) ?? LastModified?.getTime() ?? 0 });
    }
    pages += 1;
    if (pages >= MOST_PAGES) break;
  }
  return { unread: unread.sort(byTime), reading: new Set(), known: new Map() };
}

/** `…/2026-11-23-T052253-1a2b3c4d-0001.json` */
function timeOf(key: string): number | undefined {
  const match = /(\d{4}-\d{2}-\d{2})-T(\d{2})(\d{2})(\d{2})/.exec(key);
  const millis = match ? Date.parse(`${match[1]}T${match[2]}:${match[3]}:${match[4]}Z`) : Number.NaN;
  return Number.isNaN(millis) ? undefined : millis;
}

async function readReport(s3: S3Client, bucket: string, key: string): Promise<JobReport | undefined> {
  try {
    const location = { bucket, key };
    return parseJobReport(await readText(s3, location, MOST_BYTES), location);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
