import type { FedSystem } from './local-system.ts';
import { pipelineFaults } from './pipeline-faults.ts';
import { projectionFaults } from './projection-faults.ts';

const DAY_MILLIS = 86_400_000;

/** Causes faults of the field in a running local system, with files of yesterday or older. */
export function troublesOf(fed: FedSystem, now = Date.now()) {
  const [date, longAgo] = [dayOf(now - DAY_MILLIS), dayOf(now - 10 * DAY_MILLIS)];
  const pipeline = pipelineFaults(fed.aws, date, now - DAY_MILLIS);
  const { failed: failedLongAgo } = pipelineFaults(fed.aws, longAgo, now - 10 * DAY_MILLIS);
  const projection = projectionFaults(fed);
  return { date, longAgo, ...pipeline, failedLongAgo, ...projection };
}

export type Troubles = ReturnType<typeof troublesOf>;

function dayOf(millis: number): string {
  return new Date(millis).toISOString().slice(0, 10);
}
