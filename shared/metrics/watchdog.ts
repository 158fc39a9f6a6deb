import type { ScheduledJob } from '../aws/schedule.ts';
import type { TaskAges } from '../projection/task-ends.ts';
import type { FunctionMetrics } from './function-metrics.ts';

/** Publishes whether the projection is blind, and how long ago each scheduled task ended. */
export function publishWatch(blind: boolean, ages: TaskAges, metrics: FunctionMetrics<'watchdog'>): void {
  metrics.add('Blind', blind ? 1 : 0);
  for (const [job, seconds] of Object.entries(ages) as [ScheduledJob, number][]) {
    metrics.add('TaskAge', seconds, job);
  }
  metrics.publish();
}
