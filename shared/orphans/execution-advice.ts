import { executionEnded } from '../pipeline/execution.ts';
import { parseJobError } from '../pipeline/job-error.ts';
import type { JobReport } from '../pipeline/job-report.ts';
import { textIn } from '../pipeline/record.ts';
import { executionCommands, mayBeRunning, regionArgs } from '../pipeline/retryable.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import type { PipelineProfile } from '../settings/pipeline-profile.ts';
import { shellWord } from '../text/shell-text.ts';
import { parseFieldTime } from '../text/time.ts';
import type { Facts } from './facts.ts';
import type { RecommendedChange } from './verdict.ts';

/** What to do about an execution before its files are reset. */
export interface ExecutionAdvice {
  /** Set when nothing proves that it has ended: what to do first, as the end of a sentence. */
  readonly first?: string;
  readonly commands: readonly string[];
}

const NOTHING: ExecutionAdvice = { commands: [] };

/** Whether the execution behind a stuck file or manifest may still run, and how to see and stop it. Pure. */
export function adviseOnExecution(
  facts: Facts,
  change: RecommendedChange,
  rules: { readonly profile: Pick<PipelineProfile, 'limits'>; readonly now: number },
): ExecutionAdvice {
  const { record, manifest } = facts;
  if (facts.contents) return { commands: commandsFor(record, undefined) };
  if (!manifest || change !== 'reset' || !mayBeRunning(record)) return NOTHING;
  const followed = manifest.record ?? manifest.ofDate;
  const report = reportOfRun(
    facts.report?.found === 'yes' ? facts.report.report : undefined,
    manifest.record,
  );
  const state = executionEnded(
    record,
    {
      ...{ name: manifest.name, manifest: followed, report: report && { status: report.result } },
      isMissing: manifest.object?.found === 'no',
    },
    rules,
  );
  if (state.ended) return NOTHING;
  return { first: state.first, commands: commandsFor(followed ?? record, report) };
}

/** A report from before the manifest's present run is about an earlier run. */
export function reportOfRun(
  report: JobReport | undefined,
  manifest: TrackingRecord | undefined,
): JobReport | undefined {
  const started = parseFieldTime(manifest?.processing_start_time);
  const isEarlier =
    report?.endedAt !== undefined && started !== undefined && report.endedAt < Date.parse(started);
  return isEarlier ? undefined : report;
}

/** State first, then the cause, and the stop last. */
function commandsFor(manifest: TrackingRecord, report: JobReport | undefined): string[] {
  const read = textIn(manifest);
  const arn = read('execution_arn');
  if (!arn) return [];
  const error = parseJobError(read('error_message') ?? '');
  const jobName = report?.jobName ?? error.jobName;
  const runId = read('glue_job_run_id') ?? report?.runId ?? error.runId;
  const [describe = '', ...stop] = executionCommands(arn);
  const region = regionArgs(arn);
  return [
    describe,
    `aws stepfunctions get-execution-history --execution-arn ${shellWord(arn)} --reverse-order --max-items 5${region}`,
    ...(jobName && runId
      ? [`aws glue get-job-run --job-name ${shellWord(jobName)} --run-id ${shellWord(runId)}${region}`]
      : []),
    ...stop,
  ];
}
