/** The tasks that run by themselves, and how many hours apart. */
export const EVERY_HOURS = { sweep: 6, statistics: 1, audit: 24 } as const;

export type ScheduledJob = keyof typeof EVERY_HOURS;

/**
 * After how many hours without a finished run a task counts as missed. One run may fail, or be interrupted and finished
 * by the next one: that makes two intervals, and an hour for the duration of the second run. The page and the alarms
 * use the same limit.
 */
export function missedAfterHours(job: ScheduledJob): number {
  return 2 * EVERY_HOURS[job] + 1;
}
