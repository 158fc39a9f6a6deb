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
import { rowsTonight, verifyNightly } from '../shared/data-proof/nightly.ts';
import {
  closeVerification,
  isOverdue,
  type OpenVerification,
  openVerification,
  readOpenVerification,
} from '../shared/data-proof/open-verification.ts';
import {
  publishAudit,
  publishNewIssues,
  publishNotVerified,
  publishRows,
} from '../shared/metrics/consistency-audit.ts';
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
  // What an earlier answer said about the audit: the last answer says it, too.
  issues_found: z.int().optional(),
  drift: z.record(z.string(), z.number()).optional(),
});
type Unit = z.output<typeof unitSchema>;
const splitSchema = z.object({ split: z.array(z.string().min(1)) });
// What is looked up after a page has ended has to fit into the time that is left then.
const RESERVE_MILLIS = 120_000;
const LOOKING_SECONDS = 60;
// Between two checkpoints. Names that wait for their partners take about 400 bytes each.
const PAGE = {
  keys: 100_000,
  waiting: 30_000,
  reads: Number(config.readUnitsPerSecond) * LOOKING_SECONDS,
};

/**
 * The state machine of audits first asks for the units of some dates, then for one unit after another. A unit is compared,
 * as `auditUnit` describes; then its rows are verified. The answer, sent as the next request, continues from there until
 * it says `done`; so does the same request again within an hour.
 */
export async function handler(request: unknown, lambda: Context): Promise<object> {
  const deps = depsOf(lambda, Date.now());
  const split = splitSchema.safeParse(request);
  if (split.success) return { units: await planUnits(deps, split.data.split) };
  const unit = unitSchema.parse(request);
  const { date_prefix, range } = unit;
  const open = range === undefined && (await readOpenVerification(deps.projection, date_prefix, deps.now));
  return open ? verifyUnit(unit, deps, open) : auditUnit(unit, deps, lambda);
}

type InvocationDeps = ReturnType<typeof depsOf>;

function depsOf(lambda: Context, now: number) {
  return {
    tracking: trackingTable(docs, config.trackingTable, profile),
    ...{ projection: { docs, name: config.projectionTable }, storage, profile, now, random: Math.random },
    signal: stopInTime(lambda.getRemainingTimeInMillis(), RESERVE_MILLIS),
  };
}

/** Compares one date, or a range of it, for as long as an invocation may last, and repairs the projection. */
async function auditUnit(unit: Unit, given: InvocationDeps, lambda: Context): Promise<object> {
  const { date_prefix, range, max_read_units, grace_minutes } = unit;
  const { projection, now } = given;
  const before = meter.readUnits();
  const deps = {
    ...{ ...given, date: date_prefix, graceMillis: grace_minutes * 60_000 },
    ...{ pageSize: PAGE, listBucket: config.deadLetterBucket, sleep },
    remainingMillis: () => lambda.getRemainingTimeInMillis(),
    readUnits: () => meter.readUnits() - before,
    mostReadUnits: max_read_units,
  };
  const run = range === undefined ? await runAudit(deps) : await runRange(deps, range);
  // Published at once: an audit that fails after this is repeated, and finds nothing of what this one has repaired.
  publishAudit(run, meter.readUnits() - before, metrics);
  const { report, pages } = run;
  if (!report) return { ...unit, done: 'isDone' in run && run.isDone, pages };
  // Published before it is noted: what is noted counts as known and is never published again.
  publishNewIssues(await countNewIssues(projection, report, now), metrics);
  await noteAudit(projection, report, now);
  const audited = { ...unit, issues_found: countIssues(report.totals), drift: report.totals.drift };
  const rows = await rowsTonight(given, date_prefix, now);
  if (rows === 'verified') {
    const open = await openVerification(projection, date_prefix, now);
    return { pages, ...(await verifyUnit(audited, given, open)) };
  }
  if (rows === 'too many files') publishNotVerified(metrics);
  return { pages, ...audited, done: true, ...(rows === 'too many files' && { not_verified: TOO_MANY }) };
}

/** Verifies by the output rows what was converted, for as long as an invocation may last. */
async function verifyUnit(unit: Unit, given: InvocationDeps, open: OpenVerification): Promise<object> {
  const { date_prefix: date, grace_minutes } = unit;
  const before = meter.readUnits();
  const data = await verifyNightly({
    ...{ ...given, date, graceMillis: grace_minutes * 60_000, open },
    publish: (result) => publishRows(result, meter.readUnits() - before, metrics),
  });
  const isGivenUp = data !== undefined && !data.proof && isOverdue(open, given.now);
  if (isGivenUp) publishNotVerified(metrics);
  const done = !data || data.proof !== undefined || isGivenUp;
  if (done) await closeVerification(given.projection, date, open);
  return {
    ...unit,
    done,
    ...(data?.proof && { data_findings: data.found }),
    ...(isGivenUp && { not_verified: TOO_LONG }),
  };
}

const BY_HAND = 'The runbook verify-data.ts verifies this date.';
const TOO_MANY = `Its files do not fit into the memory of this function. ${BY_HAND}`;
const TOO_LONG = `Verifying it took too many hours. ${BY_HAND}`;
