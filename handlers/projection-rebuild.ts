import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { dynamoDb, dynamoDbDocuments } from '../shared/aws/clients.ts';
import { readConfig } from '../shared/aws/config.ts';
import { createPacer } from '../shared/flow/pacer.ts';
import { paceTrackingReads } from '../shared/pipeline/pace-reads.ts';
import { trackingTable } from '../shared/pipeline/tracking-table.ts';
import { type RebuildSegment, rebuildSegment, type SegmentProgress } from '../shared/projection/rebuild.ts';
import { readProfile } from '../shared/settings/pipeline-profile.ts';

const config = readConfig(['trackingTable', 'projectionTable', 'pipelineProfile', 'readUnitsPerSecond']);
const client = dynamoDb();
const docs = dynamoDbDocuments(client);
const time = { clock: () => performance.now(), sleep };
paceTrackingReads(client, config, time);
const profile = readProfile(config.pipelineProfile);
const tracking = trackingTable(docs, config.trackingTable, profile);
const logger = new Logger({ serviceName: 'projection-rebuild' });

const segmentSchema = z.object({
  id: z.string().min(1),
  segment: z.int().min(0),
  segments: z.int().min(1).max(1_000),
});
const PAGE_SIZE = 200;
// Each record may cost a transaction on the projection table.
const RECORDS_PER_SECOND = 200;
// The time a page may need if the projection table is slow. The next invocation continues where this one stops.
const RESERVE_MILLIS = 60_000;

/**
 * Rebuilds one segment of a distributed rebuild for as long as an invocation may last. The answer, sent as the next
 * request, continues from there until it says `done`.
 */
export async function handler(request: unknown, lambda: Context): Promise<RebuildSegment & SegmentProgress> {
  logger.addContext(lambda);
  const segment = segmentSchema.parse(request);
  const run = {
    pageSize: PAGE_SIZE,
    pacer: createPacer({ unitsPerSecond: RECORDS_PER_SECOND, ...time }),
    mustStop: () => lambda.getRemainingTimeInMillis() <= RESERVE_MILLIS,
  };
  const progress = await rebuildSegment(segment, run, {
    tracking,
    projection: { docs, name: config.projectionTable },
    now: Date.now(),
    random: Math.random,
    sleep,
    remainingMillis: () => lambda.getRemainingTimeInMillis(),
  });
  const { scanned, inserted, renewed = 0, refused, done } = progress;
  const answer = { ...segment, scanned, inserted, renewed, refused, done };
  logger[refused > 0 ? 'error' : 'info']('Rebuilt', answer);
  return answer;
}
