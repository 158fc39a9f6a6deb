import type { Logger } from '@aws-lambda-powertools/logger';
import type { Entity } from '../pipeline/record.ts';
import { type InFlightStatus, isInFlight, isSettled } from '../pipeline/status.ts';
import type { ConsumeReport } from '../projection/consume.ts';
import { secondsBetween } from '../text/time.ts';
import type { FunctionMetrics } from './function-metrics.ts';

type ConsumerMetrics = FunctionMetrics<'stream-consumer'>;

/**
 * Publishes the result of one batch, and logs what a person should know.
 *
 * @param known acknowledged classes of failures, which must not raise an alarm
 */
export function publishConsumption(
  report: ConsumeReport,
  metrics: ConsumerMetrics,
  logger: Logger,
  known: ReadonlySet<string> = new Set(),
): void {
  const newClasses = report.newClasses.filter(({ id }) => !known.has(id));
  metrics.add('TransitionsApplied', report.applied);
  metrics.add('DuplicatesSkipped', report.duplicates);
  metrics.add('GapsClosed', report.gapsClosed);
  metrics.add('LateEvents', report.late);
  metrics.add('DeadLetters', report.deadLetters.length);
  metrics.add('RecordsUnapplied', report.unapplied.length);
  metrics.add('NewFailureClasses', newClasses.length);
  addSettled(report, metrics, known);
  addTimeInStatus(report, metrics);
  metrics.publish();
  for (const { id, text } of newClasses) {
    logger.warn('A class of failures was never seen before', { class: id, text });
  }
  for (const letter of report.deadLetters) logger.error('A dead letter was kept', { ...letter });
  if (report.unapplied.length > 0) {
    const [first] = report.unapplied;
    logger.error('Records are left for redelivery', {
      count: report.unapplied.length,
      error: first?.error as Error,
    });
  }
}

function addSettled(
  { transitions }: ConsumeReport,
  metrics: ConsumerMetrics,
  known: ReadonlySet<string>,
): void {
  // A status that people set is no failure of the pipeline, and acknowledged failures would hide new ones in the share.
  const settled = transitions.filter(
    ({ to = '', event, toClass = '' }) =>
      isSettled(to) && event.changeId === undefined && !known.has(toClass),
  );
  const count = (of: Entity, failed: boolean) =>
    settled.filter(({ entity, to }) => entity === of && (!failed || to !== 'completed')).length;
  metrics.add('FilesSettled', count('file', false));
  metrics.add('FilesFailed', count('file', true));
  metrics.add('ManifestsSettled', count('manifest', false));
  metrics.add('ManifestsFailed', count('manifest', true));
}

const TIME_IN = {
  pending: 'TimeInPending',
  manifested: 'TimeInManifested',
  processing: 'TimeInProcessing',
} as const satisfies Record<InFlightStatus, string>;

/** One value per transition, so that CloudWatch can compute percentiles; Powertools flushes every hundred. */
function addTimeInStatus({ transitions }: ConsumeReport, metrics: ConsumerMetrics): void {
  for (const { entity, from = '', fromSince, event } of transitions) {
    if (entity !== 'file' || fromSince === undefined || !isInFlight(from)) continue;
    // A writer's clock may have gone back, which must not count as time.
    metrics.add(TIME_IN[from], Math.max(0, secondsBetween(fromSince, event.time)));
  }
}
