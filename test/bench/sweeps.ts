import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { BatchWriteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import { dynamoDbDocuments } from '../../shared/aws/clients.ts';
import { meterReads } from '../../shared/aws/read-meter.ts';
import { createCheck } from '../../shared/orphans/check-record.ts';
import { proofKeeper } from '../../shared/orphans/keep-proofs.ts';
import { limitsOfProfile } from '../../shared/orphans/limits.ts';
import { SEARCH_START, searchPage } from '../../shared/orphans/search.ts';
import type { SearchCursor } from '../../shared/orphans/search-page.ts';
import { runSweep } from '../../shared/orphans/sweep.ts';
import { NO_CANDIDATES } from '../../shared/orphans/sweep-state.ts';
import { ORPHAN_KINDS } from '../../shared/orphans/verdict.ts';
import { USUAL_SUFFIXES_ONLY } from '../../shared/pipeline/status-index.ts';
import { trackingTable } from '../../shared/pipeline/tracking-table.ts';
import { saveVerifiedDate } from '../../shared/reports/verified-dates.ts';
import { isoTime } from '../../shared/text/time.ts';
import { FIELD_PROFILE } from '../support/profile.ts';
import { type BenchDatabase, PROJECTION_TABLE, TRACKING_TABLE } from './bench-system.ts';
import { chunks } from './numbers.ts';

const DATE = '2026-11-23';
const HOUR = 3_600_000;
const SWEEPS = 4;
const FILES_PER_MANIFEST = 100;
// The count in the counters: at its real volume the date would be a large one.
const COUNTED_PER_FILE = 1_000;
const PAGE_SIZE = 1_000;
const BUCKETS = { input: 'input', manifest: 'manifests', output: 'output', quarantine: 'quarantine' };

export type Way = 'run' | 'former';

/** The cost of the sweeps of one day, during which a date grows by a quarter before each sweep, and is idle in the end. */
export interface DayOfSweeps {
  readonly way: Way;
  readonly files: number;
  readonly readUnits: number;
  readonly seconds: number;
  /** How many records were checked. */
  readonly checked: number;
}

type Bench = ReturnType<typeof benchOf>;

export async function measureDay(database: BenchDatabase, files: number, way: Way): Promise<DayOfSweeps> {
  const bench = benchOf(database);
  for (const Bucket of Object.values(BUCKETS)) {
    // All sizes share one S3 server.
    await database.s3.send(new CreateBucketCommand({ Bucket })).catch(() => undefined);
  }
  const begun = Date.parse(`${DATE}T00:00:00Z`);
  let seconds = 0;
  let checked = 0;
  for (let turn = 1; turn <= SWEEPS + 1; turn++) {
    const now = begun + turn * 6 * HOUR;
    const part = { from: ((turn - 1) * files) / SWEEPS, to: Math.min(files, (turn * files) / SWEEPS) };
    if (turn <= SWEEPS) await complete(database, bench, part, now - HOUR);
    const started = performance.now();
    checked += way === 'run' ? await sweepAsRun(bench, now) : await sweepAsBefore(bench, now);
    seconds += (performance.now() - started) / 1_000;
  }
  return { way, files, readUnits: bench.readUnits(), seconds, checked };
}

/** The clients of a measurement, and the read units they use. */
export function benchOf({ newClient, s3 }: BenchDatabase) {
  const client = newClient();
  const meter = meterReads(client);
  const docs = dynamoDbDocuments(client);
  return {
    readUnits: () => meter.readUnits(),
    deps: {
      tracking: trackingTable(docs, TRACKING_TABLE, FIELD_PROFILE),
      projection: { docs, name: PROJECTION_TABLE },
      storage: { s3, buckets: BUCKETS },
      profile: FIELD_PROFILE,
      limits: limitsOfProfile(FIELD_PROFILE),
      graceHours: FIELD_PROFILE.limits.grace_hours,
    },
  };
}

/** @returns how many records were checked */
export async function sweepAsRun({ deps, readUnits }: Bench, now: number): Promise<number> {
  const bounds = { mostReadUnits: Number.POSITIVE_INFINITY, signal: new AbortController().signal };
  const sweepDeps = {
    ...deps,
    ...bounds,
    now,
    readUnits,
    candidateFilter: NO_CANDIDATES,
    pageSize: PAGE_SIZE,
  };
  const { report } = await runSweep(sweepDeps, String(now));
  return report?.checked ?? Number.NaN;
}

/** Lists a date whenever something has changed on it. */
async function sweepAsBefore({ deps }: Bench, now: number): Promise<number> {
  const kinds = { kinds: ORPHAN_KINDS, range: {}, suffixes: USUAL_SUFFIXES_ONLY, pageSize: PAGE_SIZE };
  const search = { ...createCheck({ ...deps, now }), ...kinds };
  const keepProofs = proofKeeper({ ...deps, now });
  let checked = 0;
  for (let cursor: SearchCursor | undefined = SEARCH_START; cursor; ) {
    const page = await searchPage(search, cursor);
    await keepProofs(page.proofs);
    if (page.verified) await saveVerifiedDate(deps.projection, page.verified, now);
    checked += page.checked;
    cursor = page.next;
  }
  return checked;
}

/** Files with their manifests and the reports of their jobs, and the counters of the date. */
async function complete(
  { dynamoDb, s3 }: BenchDatabase,
  { deps }: Bench,
  { from, to }: { readonly from: number; readonly to: number },
  at: number,
): Promise<void> {
  const docs = dynamoDbDocuments(dynamoDb);
  const names = Array.from({ length: to - from }, (_, i) => `file-${from + i}.ndjson`);
  const put = (Bucket: string, Key: string, Body: string) =>
    s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  await pMap(
    chunks(names, FILES_PER_MANIFEST),
    async (part) => {
      const manifest_path = `s3://${BUCKETS.manifest}/manifests/${DATE}/${part[0]}.json`;
      const URIPrefixes = part.map((name) => `s3://${BUCKETS.input}/pipeline/input/${DATE}/${name}`);
      const body = JSON.stringify({ fileLocations: [{ URIPrefixes }] });
      await put(BUCKETS.manifest, `manifests/${DATE}/${part[0]}.json`, body);
      await put(BUCKETS.manifest, reportKey(part[0] ?? '', at), reportOn(manifest_path, at));
      for (const items of chunks(part, 25)) {
        const puts = items.map((name) => ({ PutRequest: { Item: recordOf(name, manifest_path, at) } }));
        await docs.send(new BatchWriteCommand({ RequestItems: { [TRACKING_TABLE]: puts } }));
      }
    },
    { concurrency: 8 },
  );
  const counted = to * COUNTED_PER_FILE;
  const counts = { file_completed: counted, file_arrived_completed: counted, as_of: at };
  await docs.send(
    new PutCommand({ TableName: deps.projection.name, Item: { pk: `STATS#${DATE}`, sk: '0', ...counts } }),
  );
}

function recordOf(name: string, manifest_path: string, at: number) {
  const shard = Number(/\d+/.exec(name)?.[0]) % 10;
  return {
    ...{ date_prefix: DATE, file_key: name, status: `completed#${shard}`, manifest_path },
    file_path: `s3://${BUCKETS.input}/pipeline/input/${DATE}/${name}`,
    ...{ created_at: isoTime(at - HOUR), updated_at: isoTime(at), completed_time: isoTime(at) },
    // Together 570 bytes, as the completed records of a recorded history are on average.
    padding: 'x'.repeat(262),
  };
}

/** `logs/glue/2026-11-23-T052253-…json`, as a job names its report. */
function reportKey(name: string, at: number): string {
  const [day, time = ''] = isoTime(at).slice(0, 19).split('T');
  return `logs/glue/${day}-T${time.replaceAll(':', '')}-${name}-0001.json`;
}

function reportOn(manifest_processed: string, at: number): string {
  const job_info = { start_time: isoTime(at - HOUR / 2), end_time: isoTime(at) };
  const summary = { manifest_processed, records_processed: 100, parquet_files_created: 1, status: 'success' };
  return JSON.stringify({ job_info, processing_summary: summary });
}
