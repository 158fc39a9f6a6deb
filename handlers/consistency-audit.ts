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
import { verifyNightly } from '../shared/data-proof/nightly.ts';
import { publishAudit } from '../shared/metrics/consistency-audit.ts';
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
  max_read_units: z.number().positive().default(200_000),
  grace_minutes: z
    .number()
    .min(0)
    .max(LONGEST_GRACE_HOURS * 60)
    .default(profile.limits.grace_hours * 60),
});
// Between two checkpoints; names that wait for their partners take about 400 bytes each.
const PAGE = { keys: 100_000, waiting: 30_000 };
const RESERVE_MILLIS = 120_000;

/**
 * Compares one date for as long as an invocation may last, repairs the projection, and verifies by the rows of the
 * output what was converted. The answer, given as the next request, goes on from there until it says `done`.
 */
export async function handler(request: unknown, lambda: Context): Promise<object> {
  const unit = unitSchema.parse(request);
  const { date_prefix, max_read_units, grace_minutes } = unit;
  const now = Date.now();
  const before = meter.readUnits();
  const projection = { docs, name: config.projectionTable };
  const signal = stopInTime(lambda.getRemainingTimeInMillis(), RESERVE_MILLIS);
  const common = {
    tracking: trackingTable(docs, config.trackingTable, profile),
    ...{ projection, storage, profile, now, date: date_prefix, graceMillis: grace_minutes * 60_000 },
    ...{ random: Math.random, signal },
  };
  const run = await runAudit({
    ...common,
    ...{ pageSize: PAGE, listBucket: config.deadLetterBucket, sleep },
    remainingMillis: () => lambda.getRemainingTimeInMillis(),
    readUnits: () => meter.readUnits() - before,
    mostReadUnits: max_read_units,
  });
  const newIssues = run.report ? await countNewIssues(projection, run.report, now) : 0;
  const data = run.report && (await verifyNightly(common));
  // Told before it is noted: what is noted is known, and never told again.
  publishAudit(run, newIssues, data, meter.readUnits() - before, metrics);
  if (run.report) await noteAudit(projection, run.report, now);
  const found = run.report && {
    issues_found: countIssues(run.report.totals),
    drift: run.report.totals.drift,
    ...(data?.proof && { data_findings: data.found }),
  };
  return { ...unit, done: run.report !== undefined, pages: run.pages, ...found };
}
