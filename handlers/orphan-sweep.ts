import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { dynamoDb, dynamoDbDocuments } from '../shared/aws/clients.ts';
import { readConfig } from '../shared/aws/config.ts';
import { meterReads } from '../shared/aws/read-meter.ts';
import { s3 } from '../shared/aws/s3-client.ts';
import { stopInTime } from '../shared/aws/stop-in-time.ts';
import { readApprovalRule } from '../shared/changes/approval-rule.ts';
import { newChangeId } from '../shared/changes/change.ts';
import type { ChangeRequest } from '../shared/changes/context.ts';
import { heal } from '../shared/healing/heal.ts';
import { candidateFilterOf, readHealingPolicy } from '../shared/healing/policy.ts';
import { functionMetrics } from '../shared/metrics/function-metrics.ts';
import { publishFound, publishHealing, publishSweep } from '../shared/metrics/orphan-sweep.ts';
import { ageRules, limitFields } from '../shared/operations/inputs.ts';
import { createCheck } from '../shared/orphans/check-record.ts';
import { beginSweep, endSweep, readAgenda, runSweep, type SweepEnd } from '../shared/orphans/sweep.ts';
import { type SweepDeps, sweepUnit } from '../shared/orphans/sweep-unit.ts';
import { paceTrackingReads } from '../shared/pipeline/pace-reads.ts';
import { STORAGE_SETTINGS, storageOf } from '../shared/pipeline/storage.ts';
import { trackingTable } from '../shared/pipeline/tracking-table.ts';
import {
  endLongLease,
  keepLongLease,
  type Leased,
  takeLongLease,
  withLease,
} from '../shared/reports/lease.ts';
import { noteTaskEnd } from '../shared/reports/task-ends.ts';
import { type HealingPolicy, REPORT_ONLY } from '../shared/settings/healing-policy.ts';
import { readProfile } from '../shared/settings/pipeline-profile.ts';

const config = readConfig([
  ...([
    'environment',
    'trackingTable',
    'projectionTable',
    'deadLetterBucket',
    'autoHeal',
    'approval',
    'pipelineProfile',
    'readUnitsPerSecond',
    'sweepReadUnits',
  ] as const),
  ...STORAGE_SETTINGS,
]);
const policy = readHealingPolicy(config.autoHeal);
const approval = readApprovalRule(config.approval);
const client = dynamoDb();
const docs = dynamoDbDocuments(client);
const meter = meterReads(client);
const projection = { docs, name: config.projectionTable };
const storage = storageOf(s3(), config);
const profile = readProfile(config.pipelineProfile);
const metrics = functionMetrics('orphan-sweep', config.environment);
const logger = new Logger({ serviceName: 'orphan-sweep' });
/** The sweep, the holder of its lease, and the limits. */
const ofRun = { ...limitFields, sweep: z.string().min(1), holder: z.string().min(1) };
const requestSchema = z.discriminatedUnion('step', [
  z.object({ step: z.literal('whole'), ...limitFields, max_read_units: z.number().positive().optional() }),
  z.object({ step: z.literal('begin'), ...limitFields, holder: z.string().min(1) }),
  z.object({ step: z.literal('unit'), ...ofRun, unit: z.int().min(0) }),
  z.object({ step: z.literal('end'), ...ofRun }),
]);
type Request = z.output<typeof requestSchema>;
type Step<S extends Request['step']> = Extract<Request, { step: S }>;
const RESERVE_MILLIS = 60_000;
// Healing starts after the search, possibly with little time left.
const HEALING_RESERVE_MILLIS = 15_000;

/**
 * Searches for files that are stuck for good, and heals them as the policy says. The state machine of sweeps asks for one
 * step after another: `begin` answers with the requests for the units and for the end; the answer of a unit, sent as the
 * next request, continues from there until it says `done`. Without a step, it does the entire search, or as much of it as
 * there is time for; the next such request continues.
 */
export async function handler(request: unknown, lambda: Context): Promise<object> {
  logger.addContext(lambda);
  const asked = requestSchema.parse({ step: 'whole', ...(request ?? {}) });
  switch (asked.step) {
    case 'begin':
      return begin(asked, lambda);
    case 'unit':
      return searchUnit(asked, lambda);
    case 'end':
      return end(asked, lambda);
    case 'whole':
      return whole(asked, lambda);
  }
}

const JOB = 'orphan-sweep' as const;
const clock = () => Date.now();
const pause = (millis: number, signal: AbortSignal) => sleep(millis, undefined, { signal });

async function begin({ step: _, holder, ...given }: Step<'begin'>, lambda: Context): Promise<object> {
  const other = await takeLongLease({ job: JOB, holder }, { projection, clock });
  if (other !== undefined) return { skipped: skippedText(other), units: [] };
  const deps = sweepDeps(given, lambda);
  const { id, units } = await beginSweep(deps, holder);
  publishSweep(deps.readUnits(), metrics);
  const ofSweep = { ...given, sweep: id, holder };
  return {
    units: [...units.keys()].map((unit) => ({ ...ofSweep, step: 'unit', unit })),
    end: { ...ofSweep, step: 'end' },
  };
}

async function searchUnit(request: Step<'unit'>, lambda: Context): Promise<object> {
  const { sweep, holder, unit, ...given } = request;
  const agenda = await readAgenda({ projection });
  if (agenda?.id !== sweep) throw new Error(`The sweep ${sweep} is no longer running.`);
  await keepLongLease({ job: JOB, holder }, { projection, clock });
  const deps = sweepDeps(given, lambda, { share: agenda.units[unit]?.share });
  const { state } = await sweepUnit(deps, agenda, unit);
  publishSweep(deps.readUnits(), metrics);
  return { ...request, done: state.isDone, checked: state.found.checked };
}

async function end({ sweep, holder, ...given }: Step<'end'>, lambda: Context): Promise<object> {
  const claim = { job: JOB, holder };
  const deps = sweepDeps(given, lambda);
  const agenda = await readAgenda(deps);
  // A repeated request whose first answer was lost: this sweep has already ended.
  if (agenda?.id !== sweep) return { done: true, repeated: true };
  await keepLongLease(claim, { projection, clock });
  const ended = await endSweep(deps, agenda);
  publishSweep(deps.readUnits(), metrics);
  try {
    return { done: true, ...(await tellEnd(deps, ended, policyFor(given), lambda)) };
  } finally {
    await endLongLease(claim, { projection });
  }
}

async function whole({ max_read_units, ...given }: Step<'whole'>, lambda: Context): Promise<object> {
  const claim = { job: JOB, holder: lambda.awsRequestId };
  const leased = await withLease(claim, { projection, clock, pause }, async (lost) => {
    const deps = sweepDeps(given, lambda, { lost, mostReadUnits: max_read_units });
    const { pages, readUnits, ...ended } = await runSweep(deps, lambda.awsRequestId);
    publishSweep(readUnits, metrics);
    const { report, swept } = ended;
    const told = report && swept && (await tellEnd(deps, { report, swept }, policyFor(given), lambda, lost));
    return { done: report !== undefined, pages, read_units: readUnits, ...told };
  });
  if (leased.kind === 'done') {
    if (leased.retried) logger.info('The retry of a failed sweep has succeeded');
    return leased.result;
  }
  const skipped = notDoneText(leased);
  logger.info(skipped);
  return { done: false, skipped };
}

function notDoneText(leased: Exclude<Leased<object>, { readonly kind: 'done' }>): string {
  if (leased.kind === 'repeated')
    return 'This request was delivered twice, and the first delivery did the work.';
  return skippedText(leased.holder);
}

function skippedText(holder: string): string {
  return `Another sweep is running, started by ${holder}. This one did nothing.`;
}

interface Bounds {
  /** Aborted if another sweep has taken over. */
  readonly lost?: AbortSignal;
  readonly mostReadUnits?: number | undefined;
  /** The share of the read units per second, because other units are searched at the same time; all of them by default. */
  readonly share?: number | undefined;
}

function sweepDeps(
  given: Parameters<typeof ageRules>[0],
  lambda: Context,
  { lost = new AbortController().signal, mostReadUnits = Number.POSITIVE_INFINITY, share = 1 }: Bounds = {},
): SweepDeps {
  paceTrackingReads(client, config, { clock: () => performance.now(), sleep }, share);
  const before = meter.readUnits();
  return {
    tracking: trackingTable(docs, config.trackingTable, profile),
    ...{ projection, storage, profile, now: clock(), ...ageRules(given, profile) },
    candidateFilter: candidateFilterOf(policyFor(given)),
    pageSize: PAGE_SIZE,
    readUnits: () => meter.readUnits() - before,
    ...{ mostReadUnits, sweepReadUnits: Number(config.sweepReadUnits) },
    signal: AbortSignal.any([lost, stopInTime(lambda.getRemainingTimeInMillis(), RESERVE_MILLIS)]),
  };
}

const PAGE_SIZE = 1_000;

/** With limits of its own a sweep only reports: files are healed by the limits in the settings, whoever starts it. */
function policyFor(given: Parameters<typeof ageRules>[0]): HealingPolicy {
  const own = Object.keys(limitFields).some(
    (field) => given[field as keyof typeof limitFields] !== undefined,
  );
  return own ? REPORT_ONLY : policy;
}

/** Publishes what a sweep found, and heals as the policy says. */
async function tellEnd(
  deps: SweepDeps,
  { report, swept }: SweepEnd,
  policy: HealingPolicy,
  lambda: Context,
  lost?: AbortSignal,
) {
  // Published first: the sweep has got this far, whatever the result of healing.
  publishFound(report, metrics);
  if (report.incomplete) logger.warn(report.incomplete);
  if (!report.cutOff) await noteTaskEnd(projection, 'sweep', deps.now);
  const inTime = stopInTime(lambda.getRemainingTimeInMillis(), HEALING_RESERVE_MILLIS);
  const healing = await heal(
    {
      ...createCheck(deps),
      policy,
      approval: approval?.healing ? approval : undefined,
      request: changeRequestOf(lambda, deps.now),
      newId: () => newId(deps.now),
      plans: { s3: storage.s3, bucket: config.deadLetterBucket },
      ...{ clock, sleep, signal: AbortSignal.any(lost ? [lost, inTime] : [inTime]) },
    },
    swept,
  );
  publishHealing(healing, metrics);
  const { totals, checked, unknown, ageUnknown, unverifiable, incomplete } = report;
  return {
    ...{ totals, checked, unknown, unverifiable },
    ...(incomplete && { incomplete }),
    age_unknown: ageUnknown?.count,
    healing,
  };
}

function newId(now: number): string {
  return newChangeId(now, randomBytes(4).toString('hex'));
}

/** No person asked for it, so the sweep itself is the actor. */
function changeRequestOf({ invokedFunctionArn }: Context, now: number): ChangeRequest {
  return {
    id: newId(now),
    actor: { identity: invokedFunctionArn, source: 'auto-heal' },
    reason: 'Healed by the orphan sweep, as its policy says',
  };
}
