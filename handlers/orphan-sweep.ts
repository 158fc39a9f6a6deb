import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { dynamoDb, dynamoDbDocuments, s3 } from '../shared/aws/clients.ts';
import { readConfig } from '../shared/aws/config.ts';
import { meterReads } from '../shared/aws/read-meter.ts';
import { stopInTime } from '../shared/aws/stop-in-time.ts';
import { recordSweep } from '../shared/checks/check-metrics.ts';
import { STORAGE_SETTINGS, storageOf } from '../shared/checks/storage.ts';
import { runSweep } from '../shared/checks/sweep.ts';
import { ageRules, limitFields } from '../shared/operations/orphan-inputs.ts';

const config = readConfig(['environment', 'trackingTable', 'projectionTable', ...STORAGE_SETTINGS]);
const client = dynamoDb();
const docs = dynamoDbDocuments(client);
const meter = meterReads(client);
const storage = storageOf(s3(), config);
const metrics = new Metrics({
  namespace: 'StateManager',
  serviceName: 'orphan-sweep',
  defaultDimensions: { environment: config.environment },
});
const requestSchema = z.object({ ...limitFields, max_read_units: z.number().positive().default(200_000) });
const RESERVE_MILLIS = 60_000;

/** Searches for files that will not move by themselves; the answer says whether the search came to its end. */
export async function handler(request: unknown, lambda: Context): Promise<object> {
  const { max_read_units, ...given } = requestSchema.parse(request ?? {});
  const now = Date.now();
  const before = meter.readUnits();
  const run = await runSweep({
    tracking: { docs, name: config.trackingTable },
    projection: { docs, name: config.projectionTable },
    ...{ storage, now, ...ageRules(given), pageSize: 500 },
    readUnits: () => meter.readUnits() - before,
    mostReadUnits: max_read_units,
    signal: stopInTime(lambda.getRemainingTimeInMillis(), RESERVE_MILLIS),
  });
  recordSweep(run, Date.now() - now, metrics);
  metrics.publishStoredMetrics();
  const { totals, checked, unknown } = run.report ?? {};
  return {
    done: run.report !== undefined,
    pages: run.pages,
    read_units: run.readUnits,
    totals,
    checked,
    unknown,
  };
}
