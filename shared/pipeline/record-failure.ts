import { type FailureClass, failureClass } from './failure-class.ts';
import { type Entity, isAbsent } from './record.ts';
import { parseStatus } from './status.ts';
import type { TrackingRecord } from './tracking-table.ts';

/** The statuses of files that did not get through. */
export const FAILURE_STATUSES = ['failed', 'quarantined'] as const;
export type FailureStatus = (typeof FAILURE_STATUSES)[number];

/** The class of files that were refused and whose record does not say why. */
export const NO_REASON = failureClass('no reason given');

/**
 * Why a file did not get through, according to its record: its error, or for a refused file also its reason.
 *
 * @param status without suffix
 * @param read an attribute of the record
 * @returns undefined for a manifest, and for a file that is in another status
 */
export function failureOf(
  entity: Entity,
  status: string | undefined,
  read: (attribute: string) => unknown,
): FailureClass | undefined {
  if (entity !== 'file' || !isFailure(status)) return undefined;
  const error = read('error_message');
  if (status === 'failed') return failureClass(error);
  const reason = isAbsent(error) ? read('quarantine_reason') : error;
  return isAbsent(reason) ? NO_REASON : failureClass(reason);
}

/** The same for the record of a file. */
export function failureOfFile(record: TrackingRecord): FailureClass | undefined {
  return failureOf('file', parseStatus(record.status).status, (attribute) => record[attribute]);
}

function isFailure(status: string | undefined): status is FailureStatus {
  return FAILURE_STATUSES.some((each) => each === status);
}
