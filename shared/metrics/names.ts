import type { FunctionName } from '../aws/deployment-names.ts';

/**
 * Every metric that a function publishes, with its unit. Only this folder publishes: one file per function turns the
 * results of its handler into these metrics. Graphs and alarms take the names from here, and so does the documentation
 * (`npm run docs`).
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
    // Files that became completed, failed or quarantined; and those of them that did not become completed.
    FilesSettled: { unit: 'Count' },
    FilesFailed: { unit: 'Count', ifAny: true },
    ManifestsSettled: { unit: 'Count' },
    ManifestsFailed: { unit: 'Count', ifAny: true },
    // How long files were in the status that they left: one value per transition, so that there are percentiles.
    TimeInPending: { unit: 'Seconds' },
    TimeInManifested: { unit: 'Seconds' },
    TimeInProcessing: { unit: 'Seconds' },
  },
  'stats-publisher': {
    Files: { unit: 'Count', by: 'status', everyHours: 6 },
    Manifests: { unit: 'Count', by: 'status', everyHours: 6 },
    DeadLettersWaiting: { unit: 'Count', ifAny: true },
    // Dates with unusually few or many files, and expectations that were not met.
    UnusualArrivals: { unit: 'Count', ifAny: true },
  },
  'orphan-sweep': {
    Orphans: { unit: 'Count', by: 'kind', ifAny: true },
    // The sums that alarms watch.
    OrphansInFlight: { unit: 'Count' },
    OrphansCompleted: { unit: 'Count' },
    OldestInFlight: { unit: 'Seconds', by: 'status' },
    ReadUnitsConsumed: { unit: 'Count' },
    FilesHealed: { unit: 'Count', ifAny: true },
    HealingStopped: { unit: 'Count' },
  },
  'consistency-audit': {
    // How many more issues their dates have than at their last audit.
    NewIssues: { unit: 'Count' },
    Issues: { unit: 'Count', by: 'type' },
    DriftFound: { unit: 'Count' },
    DriftRepaired: { unit: 'Count', ifAny: true },
    // From the output rows. New findings are those that the previous verification did not find.
    DataFindings: { unit: 'Count', by: 'type', ifAny: true },
    NewDataFindings: { unit: 'Count' },
    ReadUnitsConsumed: { unit: 'Count' },
  },
  watchdog: {
    // 1 if the projection sees nothing of what happens in the tracking table, otherwise 0.
    Blind: { unit: 'Count' },
    // The time since the last end, for late tasks only.
    TaskAge: { unit: 'Seconds', by: 'task', ifAny: true },
    // Files that have been in their status for longer than its limit.
    FilesOverdue: { unit: 'Count', by: 'status', ifAny: true },
  },
} as const satisfies Partial<Record<FunctionName, Readonly<Record<string, MetricForm>>>>;

/** The namespace of all of them in CloudWatch. */
export const NAMESPACE = 'StateManager';

/** A metric's unit and, if it is published for each kind, status or type separately, the dimension for that. */
export interface MetricForm {
  readonly unit: 'Count' | 'Milliseconds' | 'Seconds';
  readonly by?: 'kind' | 'status' | 'task' | 'type';
  /**
   * Not published if it is 0: CloudWatch bills a metric for each hour in which it gets a value, and whatever watches such
   * a metric treats silence as 0. https://aws.amazon.com/cloudwatch/pricing/ (custom metrics)
   */
  readonly ifAny?: true;
  /**
   * Written beside the metrics in the same log line, where Logs Insights finds and sums it. It is not billed as a metric;
   * no alarm and no graph uses it.
   */
  readonly inLogOnly?: true;
  /** Published only in hours of the day (UTC) that are divisible by this, for the same reason; by default, whenever its function runs. */
  readonly everyHours?: number;
}

/** The functions that publish metrics. */
export type PublishingFunction = keyof typeof METRICS;

export type MetricName<F extends PublishingFunction> = Extract<keyof (typeof METRICS)[F], string>;

const FORMS: { readonly [F in PublishingFunction]: { readonly [N in MetricName<F>]: MetricForm } } = METRICS;

export function metricForm<F extends PublishingFunction>(fn: F, name: MetricName<F>): MetricForm {
  return FORMS[fn][name];
}
