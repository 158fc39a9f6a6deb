import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { isStatus } from '../pipeline/status.ts';
import type { ConsumeReport } from '../projection/consume.ts';
import { secondsBetween } from '../text/time.ts';

/** Puts one batch's report into metrics, and into log lines where a person should know of it. */
export function recordConsumption(report: ConsumeReport, metrics: Metrics, logger: Logger): void {
  const count = (name: string, value: number) => metrics.addMetric(name, MetricUnit.Count, value);
  count('RecordsReceived', report.records);
  count('TransitionsApplied', report.applied);
  count('DuplicatesSkipped', report.duplicates);
  count('GapsHealed', report.gapsClosed);
  count('LateEvents', report.late);
  count('DeadLetters', report.deadLetters.length);
  count('RecordsUnapplied', report.unapplied.length);
  if (report.lagMillis !== undefined) {
    metrics.addMetric('StreamLag', MetricUnit.Milliseconds, report.lagMillis);
  }
  addTimeInStatus(report, metrics);
  for (const letter of report.deadLetters) logger.error('A dead letter was kept', { ...letter });
  if (report.unapplied.length > 0) {
    const [first] = report.unapplied;
    logger.error('Records are left for redelivery', {
      count: report.unapplied.length,
      error: first?.error as Error,
    });
  }
}

/** One value a transition, so that CloudWatch can tell percentiles; Powertools flushes every hundred. */
function addTimeInStatus({ transitions }: ConsumeReport, metrics: Metrics): void {
  for (const { entity, from, fromSince, event } of transitions) {
    if (entity !== 'file' || from === undefined || !isStatus(from) || fromSince === undefined) continue;
    // A writer's clock may have gone back: that is no time spent.
    const seconds = Math.max(0, secondsBetween(fromSince, event.time));
    metrics.addMetric(`TimeIn${capitalised(from)}`, MetricUnit.Seconds, seconds);
  }
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
