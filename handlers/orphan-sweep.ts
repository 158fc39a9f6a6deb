import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { dynamoDb, dynamoDbDocuments } from '../shared/aws/clients.ts';
import { readConfig } from '../shared/aws/config.ts';
import { meterReads } from '../shared/aws/read-meter.ts';
import { s3 } from '../shared/aws/s3-client.ts';
import { stopInTime } from '../shared/aws/stop-in-time.ts';
import { newChangeId } from '../shared/changes/change.ts';
import type { ChangeRequest } from '../shared/changes/context.ts';
import { heal } from '../shared/healing/heal.ts';
import { candidateFilterOf, readHealingPolicy } from '../shared/healing/policy.ts';
import { functionMetrics } from '../shared/metrics/function-metrics.ts';
import { publishHealing, publishSweep } from '../shared/metrics/orphan-sweep.ts';
import { ageRules, limitFields } from '../shared/operations/inputs.ts';
import { createCheck } from '../shared/orphans/check-record.ts';
import { runSweep } from '../shared/orphans/sweep.ts';
import { STORAGE_SETTINGS, storageOf } from '../shared/pipeline/storage.ts';
import { trackingTable } from '../shared/pipeline/tracking-table.ts';
import { readProfile } from '../shared/settings/pipeline-profile.ts';

const config = readConfig([
  ...([
    'environment',
    'trackingTable',
    'projectionTable',
    'deadLetterBucket',
    'autoHeal',
    'pipelineProfile',
  ] as const),
  ...STORAGE_SETTINGS,
]);
const policy = readHealingPolicy(config.autoHeal);
const client = dynamoDb();
const docs = dynamoDbDocuments(client);
const meter = meterReads(client);
const storage = storageOf(s3(), config);
const profile = readProfile(config.pipelineProfile);
const metrics = functionMetrics('orphan-sweep', config.environment);
const requestSchema = z.object({ ...limitFields, max_read_units: z.number().positive().default(200_000) });
const RESERVE_MILLIS = 60_000;
// Healing starts after the search, possibly with little time left.
const HEALING_RESERVE_MILLIS = 15_000;

/**
 * Searches for files that will not move by themselves, and does about them what the policy says. The answer
 * says whether the search came to its end.
 */
export async function handler(request: unknown, lambda: Context): Promise<object> {
  const { max_read_units, ...given } = requestSchema.parse(request ?? {});
  const now = Date.now();
  const before = meter.readUnits();
  const tables = {
    tracking: trackingTable(docs, config.trackingTable, profile),
    projection: { docs, name: config.projectionTable },
  };
  const check = { ...tables, storage, profile, now, ...ageRules(given, profile) };
  const run = await runSweep({
    ...check,
    candidateFilter: candidateFilterOf(policy),
    pageSize: 500,
    readUnits: () => meter.readUnits() - before,
    mostReadUnits: max_read_units,
    signal: stopInTime(lambda.getRemainingTimeInMillis(), RESERVE_MILLIS),
  });
  // Told at once: the sweep has come this far whatever becomes of healing.
  publishSweep(run, Date.now() - now, metrics);
  const healing =
    run.report &&
    (await heal(
      {
        ...createCheck(check),
        policy,
        request: changeRequestOf(lambda, now),
        plans: { s3: storage.s3, bucket: config.deadLetterBucket },
        sleep,
        signal: stopInTime(lambda.getRemainingTimeInMillis(), HEALING_RESERVE_MILLIS),
      },
      run.swept,
    ));
  if (run.report) publishHealing(healing, metrics);
  const { totals, checked, unknown, ageUnknown, unverifiable } = run.report ?? {};
  const { pages, readUnits } = run;
  return {
    done: run.report !== undefined,
    pages,
    read_units: readUnits,
    ...{ totals, checked, unknown, unverifiable },
    age_unknown: ageUnknown?.count,
    healing,
  };
}

/** Nobody asked: the sweep does it in its own name. */
function changeRequestOf({ invokedFunctionArn }: Context, now: number): ChangeRequest {
  return {
    id: newChangeId(now, randomBytes(4).toString('hex')),
    actor: { identity: invokedFunctionArn, source: 'auto-heal' },
    reason: 'Healed by the orphan sweep, as its policy says',
  };
}
