import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
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
import { paceTrackingReads } from '../shared/pipeline/pace-reads.ts';
import { STORAGE_SETTINGS, storageOf } from '../shared/pipeline/storage.ts';
import { trackingTable } from '../shared/pipeline/tracking-table.ts';
import { type Leased, withLease } from '../shared/projection/lease.ts';
import { noteTaskEnd } from '../shared/projection/task-ends.ts';
import { readProfile } from '../shared/settings/pipeline-profile.ts';

const config = readConfig([
  ...([
    'environment',
    'trackingTable',
    'projectionTable',
    'deadLetterBucket',
    'autoHeal',
    'pipelineProfile',
    'readUnitsPerSecond',
  ] as const),
  ...STORAGE_SETTINGS,
]);
const policy = readHealingPolicy(config.autoHeal);
const client = dynamoDb();
const docs = dynamoDbDocuments(client);
const meter = meterReads(client);
paceTrackingReads(client, config, { clock: () => performance.now(), sleep });
const projection = { docs, name: config.projectionTable };
const storage = storageOf(s3(), config);
const profile = readProfile(config.pipelineProfile);
const metrics = functionMetrics('orphan-sweep', config.environment);
const logger = new Logger({ serviceName: 'orphan-sweep' });
const requestSchema = z.object({ ...limitFields, max_read_units: z.number().positive().default(200_000) });
const RESERVE_MILLIS = 60_000;
// Healing starts after the search, possibly with little time left.
const HEALING_RESERVE_MILLIS = 15_000;

/**
 * Searches for files that will not move by themselves, and does about them what the policy says. The answer
 * says whether the search came to its end.
 */
export async function handler(request: unknown, lambda: Context): Promise<object> {
  logger.addContext(lambda);
  const sweepRequest = requestSchema.parse(request ?? {});
  const claim = { job: 'orphan-sweep', holder: lambda.awsRequestId } as const;
  const clock = () => Date.now();
  const leased = await withLease(claim, { projection, clock, pause }, (lost) =>
    sweep(sweepRequest, lambda, lost),
  );
  if (leased.kind === 'done') {
    if (leased.retried) logger.info('The retry of a sweep that had failed has succeeded');
    return leased.result;
  }
  const skipped = skippedText(leased);
  logger.info(skipped);
  return { done: false, skipped };
}

const pause = (millis: number, signal: AbortSignal) => sleep(millis, undefined, { signal });

function skippedText(leased: Exclude<Leased<object>, { readonly kind: 'done' }>): string {
  if (leased.kind === 'repeated') return 'This request was delivered twice: the first one did it.';
  return `Another sweep is under way, by the request ${leased.holder}: this one did nothing.`;
}

/** @param lost aborted when another sweep has taken over */
async function sweep(
  { max_read_units, ...given }: z.infer<typeof requestSchema>,
  lambda: Context,
  lost: AbortSignal,
): Promise<object> {
  const now = Date.now();
  const before = meter.readUnits();
  const tables = {
    tracking: trackingTable(docs, config.trackingTable, profile),
    projection,
  };
  const check = { ...tables, storage, profile, now, ...ageRules(given, profile) };
  const run = await runSweep({
    ...check,
    candidateFilter: candidateFilterOf(policy),
    pageSize: 500,
    readUnits: () => meter.readUnits() - before,
    mostReadUnits: max_read_units,
    signal: AbortSignal.any([lost, stopInTime(lambda.getRemainingTimeInMillis(), RESERVE_MILLIS)]),
  });
  // Told at once: the sweep has come this far whatever becomes of healing.
  publishSweep(run, metrics);
  if (run.report) await noteTaskEnd(projection, 'sweep', now);
  const healing =
    run.report &&
    (await heal(
      {
        ...createCheck(check),
        policy,
        request: changeRequestOf(lambda, now),
        plans: { s3: storage.s3, bucket: config.deadLetterBucket },
        sleep,
        signal: AbortSignal.any([
          lost,
          stopInTime(lambda.getRemainingTimeInMillis(), HEALING_RESERVE_MILLIS),
        ]),
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
