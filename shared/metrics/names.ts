import type { FunctionName } from '../aws/deployment-names.ts';

/**
 * Every metric that a function publishes, with its unit. This folder is the one place that publishes: a file
 * for each function puts what its handler came to into these metrics. Graphs and alarms take the names from
 * here, and so does the README (`npm run docs`).
 */
export const METRICS = {
  'stream-consumer': {
    RecordsReceived: { unit: 'Count' },
    TransitionsApplied: { unit: 'Count' },
    DuplicatesSkipped: { unit: 'Count' },
    GapsClosed: { unit: 'Count' },
    LateEvents: { unit: 'Count' },
    DeadLetters: { unit: 'Count' },
    RecordsUnapplied: { unit: 'Count' },
    // That became completed, failed or quarantined, and those of them that did not become completed.
    FilesSettled: { unit: 'Count' },
    FilesFailed: { unit: 'Count' },
    ManifestsSettled: { unit: 'Count' },
    ManifestsFailed: { unit: 'Count' },
    StreamLag: { unit: 'Milliseconds' },
    // Of files, in the status that they left: one value for each transition, so that there are percentiles.
    TimeInPending: { unit: 'Seconds' },
    TimeInManifested: { unit: 'Seconds' },
    TimeInProcessing: { unit: 'Seconds' },
    TimeInCompleted: { unit: 'Seconds' },
    TimeInFailed: { unit: 'Seconds' },
    TimeInQuarantined: { unit: 'Seconds' },
  },
  'stats-publisher': {
    Files: { unit: 'Count', by: 'status' },
    Manifests: { unit: 'Count', by: 'status' },
    ProjectionLag: { unit: 'Seconds' },
    DeadLettersWaiting: { unit: 'Count' },
  },
  'orphan-sweep': {
    OrphansFound: { unit: 'Count' },
    Orphans: { unit: 'Count', by: 'kind' },
    OldestInFlight: { unit: 'Seconds', by: 'status' },
    SweepUnknown: { unit: 'Count' },
    SweepUnverifiable: { unit: 'Count' },
    SweepPages: { unit: 'Count' },
    SweepDuration: { unit: 'Milliseconds' },
    SweepsCompleted: { unit: 'Count' },
    ReadUnitsConsumed: { unit: 'Count' },
    FilesHealed: { unit: 'Count' },
    HealingStopped: { unit: 'Count' },
  },
  'consistency-audit': {
    IssuesFound: { unit: 'Count' },
    // Of IssuesFound, those by which their dates have more than at their last audit.
    NewIssues: { unit: 'Count' },
    Issues: { unit: 'Count', by: 'type' },
    DriftFound: { unit: 'Count' },
    DriftRepaired: { unit: 'Count' },
    // By the rows of the output; new are those that the verification before did not find.
    DataFindings: { unit: 'Count', by: 'type' },
    NewDataFindings: { unit: 'Count' },
    DatesVerified: { unit: 'Count' },
    FilesCompared: { unit: 'Count' },
    AuditUnknown: { unit: 'Count' },
    AuditPages: { unit: 'Count' },
    AuditDuration: { unit: 'Milliseconds' },
    AuditsCompleted: { unit: 'Count' },
    ReadUnitsConsumed: { unit: 'Count' },
  },
  watchdog: {
    // 1 when the projection sees nothing of what happens in the tracking table, else 0.
    Blind: { unit: 'Count' },
    // Since the end of the last one.
    TaskAge: { unit: 'Seconds', by: 'task' },
    // Files that have been in their status for longer than its limit.
    FilesOverdue: { unit: 'Count', by: 'status' },
  },
} as const satisfies Partial<Record<FunctionName, Readonly<Record<string, MetricForm>>>>;

/** The namespace of all of them in CloudWatch. */
export const NAMESPACE = 'StateManager';

/** A metric's unit and, where it is told for each kind, status or type by itself, the dimension for that. */
export interface MetricForm {
  readonly unit: 'Count' | 'Milliseconds' | 'Seconds';
  readonly by?: 'kind' | 'status' | 'task' | 'type';
}

/** The functions that publish metrics. */
export type PublishingFunction = keyof typeof METRICS;

export type MetricName<F extends PublishingFunction> = Extract<keyof (typeof METRICS)[F], string>;

const FORMS: { readonly [F in PublishingFunction]: { readonly [N in MetricName<F>]: MetricForm } } = METRICS;

export function metricForm<F extends PublishingFunction>(fn: F, name: MetricName<F>): MetricForm {
  return FORMS[fn][name];
}
