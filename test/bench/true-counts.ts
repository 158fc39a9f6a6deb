import type { DynamoDBRecord } from 'aws-lambda';
import { type Entity, recordKind } from '../../shared/pipeline/record.ts';
import { isStatus, UNKNOWN_STATUS } from '../../shared/pipeline/status.ts';
import type { Counters } from '../../shared/projection/counters.ts';

/** How many files and manifests are in each status, by names such as `file_pending`. */
export type Counts = ReadonlyMap<string, number>;

/** Unknown statuses are counted together. */
export function countName(entity: Entity, status: string): string {
  return `${entity}_${isStatus(status) ? status : UNKNOWN_STATUS}`;
}

/** The right counts after a stream: the last image of each record, however it got there. */
export function trueCounts(records: readonly DynamoDBRecord[]): Counts {
  const last = new Map<string, string | undefined>();
  for (const { dynamodb } of records) {
    const { date_prefix, file_key } = dynamodb?.Keys ?? {};
    const kind = recordKind({ date_prefix: date_prefix?.S ?? '', file_key: file_key?.S ?? '' });
    const status = dynamodb?.NewImage?.status?.S?.split('#')[0];
    if (kind !== 'lock') last.set(JSON.stringify(dynamodb?.Keys), status && countName(kind, status));
  }
  const counts = new Map<string, number>();
  for (const name of last.values()) if (name) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

export function countsOf({ file, manifest }: Counters): Counts {
  const named = (entity: Entity, counted: Readonly<Record<string, number>>) =>
    Object.entries(counted).map(([status, count]) => [countName(entity, status), count] as const);
  return new Map([...named('file', file), ...named('manifest', manifest)]);
}

/** By how much counts are wrong, over all statuses. */
export function errorOf(counted: Counts, right: Counts): number {
  const names = new Set([...counted.keys(), ...right.keys()]);
  return [...names].reduce(
    (error, name) => error + Math.abs((counted.get(name) ?? 0) - (right.get(name) ?? 0)),
    0,
  );
}
