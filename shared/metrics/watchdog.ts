import { EVERY_HOURS, type ScheduledJob } from '../aws/schedule.ts';
import { IN_FLIGHT_STATUSES, type InFlightStatus } from '../pipeline/status.ts';
import type { TaskAges } from '../reports/task-ends.ts';
import type { FunctionMetrics } from './function-metrics.ts';

/** What the watchdog found. */
interface Watched {
  readonly blind: boolean;
  readonly ages: TaskAges;
  /** How many files are over the limit of each status. */
  readonly overdue: Readonly<Record<InFlightStatus, number>>;
}

/** Publishes whether the projection is blind, how long ago each late task last ended, and how many files are late. */
export function publishWatch({ blind, ages, overdue }: Watched, metrics: FunctionMetrics<'watchdog'>): void {
  metrics.add('Blind', blind ? 1 : 0);
  for (const [job, seconds] of Object.entries(ages) as [ScheduledJob, number][]) {
    // A task may take an hour; no value is published for one that is on time.
    if (seconds > (EVERY_HOURS[job] + 1) * 3_600) metrics.add('TaskAge', seconds, job);
  }
  for (const status of IN_FLIGHT_STATUSES) metrics.add('FilesOverdue', overdue[status], status);
  metrics.publish();
}
