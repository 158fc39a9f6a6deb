import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { paceReads } from '../aws/read-meter.ts';
import { createPacer, type PacerProps } from '../flow/pacer.ts';

/**
 * Limits what a client reads of the pipeline's table to a rate from now on, instead of any earlier rate, so that the
 * pipeline's own reads and writes never wait for ours.
 *
 * @param share of the rate that this client has now; all of it when left out
 * @throws Error when the rate is not a number above 0
 */
export function paceTrackingReads(
  client: DynamoDBClient,
  config: { readonly trackingTable: string; readonly readUnitsPerSecond: string },
  time: Pick<PacerProps, 'clock' | 'sleep'>,
  share = 1,
): void {
  const unitsPerSecond = Number(config.readUnitsPerSecond);
  if (!(unitsPerSecond > 0))
    throw new Error(
      `READ_UNITS_PER_SECOND: received "${config.readUnitsPerSecond}", allowed: a number above 0.`,
    );
  paceReads(client, config.trackingTable, createPacer({ unitsPerSecond: unitsPerSecond * share, ...time }));
}
