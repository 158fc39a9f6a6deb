import type { FunctionName } from '../aws/deployment-names.ts';

/**
 * Every metric that a function publishes, with its unit. This folder is the one place that publishes: a file
 * for each function puts what its handler came to into these metrics. Graphs and alarms take the names from
 * here, and so does the README (`npm run docs`).
 */
export const METRICS = {
  'stream-consumer': {
    TransitionsApplied: { unit: 'Count', inLogOnly: true },
    DuplicatesSkipped: { unit: 'Count', ifAny: true },
    GapsClosed: { unit: 'Count', ifAny: true },
    LateEvents: { unit: 'Count', ifAny: true },
    DeadLetters: { unit: 'Count', ifAny: true },
    RecordsUnapplied: { unit: 'Count', ifAny: true },
    NewFailureClasses: { unit: 'Count', ifAny: true },
    // That became completed, failed or quarantined, and those of them that did not become completed.
    FilesSettled: { unit: 'Count' },
    FilesFailed: { unit: 'Count', ifAny: true },
    ManifestsSettled: { unit: 'Count' },
    ManifestsFailed: { unit: 'Count', ifAny: true },
    // Of files, in the status that they left: one value for each transition, so that there are percentiles.
    TimeInPending: { unit: 'Seconds' },
    TimeInManifested: { unit: 'Seconds' },
    TimeInProcessing: { unit: 'Seconds' },
  },
  'stats-publisher': {
    Files: { unit: 'Count', by: 'status', everyHours: 6 },
    Manifests: { unit: 'Count', by: 'status', everyHours: 6 },
    DeadLettersWaiting: { unit: 'Count', ifAny: true },
    // Dates of which unusually few or many files have come, and expectations that were not met.
    UnusualArrivals: { unit: 'Count', ifAny: true },
  },
  'orphan-sweep': {
    Orphans: { unit: 'Count', by: 'kind', ifAny: true },
    // The sums of those that alarms look at.
    OrphansInFlight: { unit: 'Count' },
    OrphansCompleted: { unit: 'Count' },
    OldestInFlight: { unit: 'Seconds', by: 'status' },
    ReadUnitsConsumed: { unit: 'Count' },
    FilesHealed: { unit: 'Count', ifAny: true },
    HealingStopped: { unit: 'Count' },
  },
  'consistency-audit': {
    // Those by which their dates have more than at their last audit.
    NewIssues: { unit: 'Count' },
    Issues: { unit: 'Count', by: 'type' },
    DriftFound: { unit: 'Count' },
    DriftRepaired: { unit: 'Count', ifAny: true },
    // By the rows of the output; new are those that the verification before did not find.
    DataFindings: { unit: 'Count', by: 'type', ifAny: true },
    NewDataFindings: { unit: 'Count' },
    ReadUnitsConsumed: { unit: 'Count' },
  },
  watchdog: {
    // 1 when the projection sees nothing of what happens in the tracking table, else 0.
    Blind: { unit: 'Count' },
    // Since the end of the last one, of tasks that are late.
    TaskAge: { unit: 'Seconds', by: 'task', ifAny: true },
    // Files that have been in their status for longer than its limit.
    FilesOverdue: { unit: 'Count', by: 'status', ifAny: true },
  },
} as const satisfies Partial<Record<FunctionName, Readonly<Record<string, MetricForm>>>>;

/** The namespace of all of them in CloudWatch. */
export const NAMESPACE = 'StateManager';

/** A metric's unit and, where it is told for each kind, status or type by itself, the dimension for that. */
export interface MetricForm {
  readonly unit: 'Count' | 'Milliseconds' | 'Seconds';
  readonly by?: 'kind' | 'status' | 'task' | 'type';
  /**
   * Not published where it is 0: CloudWatch bills a metric for each hour in which it gets a number, and whoever watches
   * such a metric takes silence for none. https://aws.amazon.com/cloudwatch/pricing/ (custom metrics)
   */
  readonly ifAny?: true;
  /**
   * Stands beside the metrics in the same line of the log, where Logs Insights finds and sums it, and is billed as no
   * metric: no alarm and no graph looks at it.
   */
  readonly inLogOnly?: true;
  /** Published only in hours of the day (UTC) that so many divide, for the same reason; else whenever its function runs. */
  readonly everyHours?: number;
}

/** The functions that publish metrics. */
export type PublishingFunction = keyof typeof METRICS;

export type MetricName<F extends PublishingFunction> = Extract<keyof (typeof METRICS)[F], string>;

const FORMS: { readonly [F in PublishingFunction]: { readonly [N in MetricName<F>]: MetricForm } } = METRICS;

export function metricForm<F extends PublishingFunction>(fn: F, name: MetricName<F>): MetricForm {
  return FORMS[fn][name];
}
