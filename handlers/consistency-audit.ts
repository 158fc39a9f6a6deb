import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { dynamoDb, dynamoDbDocuments } from '../shared/aws/clients.ts';
import { readConfig } from '../shared/aws/config.ts';
import { meterReads } from '../shared/aws/read-meter.ts';
import { s3 } from '../shared/aws/s3-client.ts';
import { stopInTime } from '../shared/aws/stop-in-time.ts';
import { runAudit } from '../shared/consistency/audit.ts';
import { countNewIssues, noteAudit } from '../shared/consistency/audit-health.ts';
import { countIssues } from '../shared/consistency/date-audit.ts';
import { planUnits } from '../shared/consistency/range-plan.ts';
import { runRange } from '../shared/consistency/range-unit.ts';
import { verifyNightly } from '../shared/data-proof/nightly.ts';
import { publishAudit, publishNewIssues, publishRows } from '../shared/metrics/consistency-audit.ts';
import { functionMetrics } from '../shared/metrics/function-metrics.ts';
import { paceTrackingReads } from '../shared/pipeline/pace-reads.ts';
import { STORAGE_SETTINGS, storageOf } from '../shared/pipeline/storage.ts';
import { trackingTable } from '../shared/pipeline/tracking-table.ts';
import { LONGEST_GRACE_HOURS, readProfile } from '../shared/settings/pipeline-profile.ts';

const config = readConfig([
  ...([
    'environment',
    'trackingTable',
    'projectionTable',
    'deadLetterBucket',
    'pipelineProfile',
    'readUnitsPerSecond',
  ] as const),
  ...STORAGE_SETTINGS,
]);
const client = dynamoDb();
const docs = dynamoDbDocuments(client);
const meter = meterReads(client);
paceTrackingReads(client, config, { clock: () => performance.now(), sleep });
const storage = storageOf(s3(), config);
const profile = readProfile(config.pipelineProfile);
const metrics = functionMetrics('consistency-audit', config.environment);
const unitSchema = z.object({
  date_prefix: z.string().min(1),
  /** Of a very large date, as `split` answered. */
  range: z.int().min(0).optional(),
  max_read_units: z.number().positive().default(200_000),
  grace_minutes: z
    .number()
    .min(0)
    .max(LONGEST_GRACE_HOURS * 60)
    .default(profile.limits.grace_hours * 60),
});
const splitSchema = z.object({ split: z.array(z.string().min(1)) });
// Between two checkpoints. Names that wait for their partners take about 400 bytes each.
const PAGE = { keys: 100_000, waiting: 30_000 };
const RESERVE_MILLIS = 120_000;

/**
 * The state machine of audits first asks for the units of some dates, then for one unit after another. For a unit, it
 * does what `auditUnit` describes.
 */
export async function handler(request: unknown, lambda: Context): Promise<object> {
  const split = splitSchema.safeParse(request);
  if (!split.success) return auditUnit(unitSchema.parse(request), lambda);
  return { units: await planUnits(depsOf(lambda, Date.now()), split.data.split) };
}

function depsOf(lambda: Context, now: number) {
  return {
    tracking: trackingTable(docs, config.trackingTable, profile),
    ...{ projection: { docs, name: config.projectionTable }, storage, profile, now, random: Math.random },
    signal: stopInTime(lambda.getRemainingTimeInMillis(), RESERVE_MILLIS),
  };
}

/**
 * Compares one date, or a range of it, for as long as an invocation may last, repairs the projection, and verifies by the
 * output rows what was converted. The answer, sent as the next request, continues from there until it says `done`.
 */
async function auditUnit(unit: z.output<typeof unitSchema>, lambda: Context): Promise<object> {
  const { date_prefix, range, max_read_units, grace_minutes } = unit;
  const now = Date.now();
  const before = meter.readUnits();
  const common = { ...depsOf(lambda, now), date: date_prefix, graceMillis: grace_minutes * 60_000 };
  const { projection } = common;
  const deps = {
    ...common,
    ...{ pageSize: PAGE, listBucket: config.deadLetterBucket, sleep },
    remainingMillis: () => lambda.getRemainingTimeInMillis(),
    readUnits: () => meter.readUnits() - before,
    mostReadUnits: max_read_units,
  };
  const run = range === undefined ? await runAudit(deps) : await runRange(deps, range);
  // Published at once: an audit that fails after this is repeated, and finds nothing of what this one has repaired.
  publishAudit(run, meter.readUnits() - before, metrics);
  if (run.report) {
    // Published before it is noted: what is noted counts as known and is never published again.
    publishNewIssues(await countNewIssues(projection, run.report, now), metrics);
    await noteAudit(projection, run.report, now);
  }
  const audited = meter.readUnits();
  // Verifying needs half a kilobyte of memory per file, which is too much for a very large date.
  const data = run.report && range === undefined ? await verifyNightly(common) : undefined;
  if (data) publishRows(data, meter.readUnits() - audited, metrics);
  const found = run.report && {
    issues_found: countIssues(run.report.totals),
    drift: run.report.totals.drift,
    ...(data?.proof && { data_findings: data.found }),
  };
  return {
    ...unit,
    done: 'isDone' in run ? run.isDone : run.report !== undefined,
    pages: run.pages,
    ...found,
  };
}
