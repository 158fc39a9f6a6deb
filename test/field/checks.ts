import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { isoDate } from '../../infra/simulator/names.ts';
import { runAudit } from '../../shared/consistency/audit.ts';
import type { AuditReport } from '../../shared/consistency/audit-state.ts';
import type { AuditTotals } from '../../shared/consistency/date-audit.ts';
import type { ConsistencyIssue } from '../../shared/consistency/issue-types.ts';
import type { DataFinding } from '../../shared/data-proof/data-finding.ts';
import { type DateProof, readDateFindings } from '../../shared/data-proof/kept-proof.ts';
import { verifyNightly } from '../../shared/data-proof/nightly.ts';
import { limitsOfProfile } from '../../shared/orphans/limits.ts';
import { runSweep } from '../../shared/orphans/sweep.ts';
import type { SweepReport } from '../../shared/orphans/sweep-report.ts';
import { NO_CANDIDATES } from '../../shared/orphans/sweep-state.ts';
import { trackingTable } from '../../shared/pipeline/tracking-table.ts';
import { readSuffixes } from '../../shared/projection/counter-items.ts';
import { listDates } from '../../shared/projection/dates.ts';
import { ask, operationDeps } from '../support/operations.ts';
import { orphanSearch, searchAll, verdictsOf } from '../support/orphan-search.ts';
import { applyDeps } from '../support/projection.ts';
import { DAY } from './plan.ts';
import type { Told } from './rules.ts';
import type { Scene } from './scene.ts';

const NO_BOUNDS = {
  readUnits: () => 0,
  mostReadUnits: Number.POSITIVE_INFINITY,
  signal: new AbortController().signal,
};

/** What the checks work on at a time of the play. */
function checkDeps({ aws, profile }: Pick<Scene, 'aws' | 'profile'>, now: number) {
  return {
    tracking: trackingTable(aws.documents, aws.trackingTable, profile),
    projection: { docs: aws.documents, name: aws.projectionTable },
    storage: { s3: aws.s3, buckets: aws.buckets },
    ...{ profile, now, limits: limitsOfProfile(profile), graceHours: profile.limits.grace_hours },
  };
}

/** What a sweep said, and all that its report has room for the first of. */
export interface Swept {
  readonly report: SweepReport;
  readonly told: readonly Told[];
  /** Whether that is all; otherwise only the first of each kind. */
  readonly isWhole: boolean;
}

/** A sweep as the schedule runs it. */
export async function sweep(
  scene: Pick<Scene, 'aws' | 'profile'>,
  now: number,
  extent: 'report' | 'whole',
): Promise<Swept> {
  const deps = checkDeps(scene, now);
  const sweepDeps = { ...deps, ...NO_BOUNDS, candidateFilter: NO_CANDIDATES, pageSize: 500 };
  const { report } = await runSweep(sweepDeps, String(now));
  if (!report) throw new Error('The sweep did not come to its end.');
  const total = Object.values(report.totals).reduce((sum, count) => sum + count, 0);
  const unknown = await unknownFiles(scene, now);
  if (total === report.orphans.length)
    return { report, told: [...report.orphans, ...unknown], isWhole: true };
  if (extent === 'report') return { report, told: report.orphans, isWhole: false };
  const { profile } = scene;
  const suffixes = await readSuffixes(deps.projection);
  const told = verdictsOf(
    await searchAll(orphanSearch(scene.aws, now, { profile, suffixes, tracking: deps.tracking })),
  );
  if (told.length !== total)
    throw new Error(`The sweep counts ${total} orphans, and a search finds ${told.length}.`);
  return { report, told: [...told, ...unknown], isWhole: true };
}

/** Files of an unknown status: no sweep looks at them, but they are counted and listed. */
async function unknownFiles({ aws, profile }: Pick<Scene, 'aws' | 'profile'>, now: number): Promise<Told[]> {
  const request = { operation: 'query_by_status', status: 'unknown', limit: 1_000 };
  const { files } = await ask({ ...operationDeps(aws, now), profile }, request);
  return files.map(({ date_prefix, file_key, status }) => ({
    ...{ date_prefix, file_key, kind: 'unknown_status', cause: '' },
    ...{ change: 'none', summary: String(status) },
  }));
}

/** What an audit of a date said: what somebody should know, and the refusals. */
export interface Audited {
  readonly date: string;
  readonly totals: AuditTotals;
  readonly told: readonly Told[];
  /** Undefined where the date is not verified by its rows. */
  readonly data: VerifiedNight | undefined;
}

/** What the verification of a date found that followed its audit. */
export interface VerifiedNight {
  readonly date: string;
  readonly proof: DateProof;
  readonly findings: readonly DataFinding[];
}

const NIGHTLY_DAYS = 8;

/** The audits of a night, as the schedule starts them: of each of the last days, and of dates to come. */
export async function auditNight(scene: Scene, now: number): Promise<Audited[]> {
  const deps = checkDeps(scene, now);
  const days = Array.from({ length: NIGHTLY_DAYS + 1 }, (_, ago) => isoDate(now - ago * DAY));
  const ahead = (await listDates(deps.projection)).filter((date) => date > isoDate(now));
  const audited: Audited[] = [];
  for (const date of [...days, ...ahead]) {
    const { report } = await runAudit({
      ...applyDeps(scene.aws),
      ...deps,
      ...NO_BOUNDS,
      date,
      graceMillis: scene.profile.limits.grace_hours * 3_600_000,
      pageSize: { keys: 100_000, waiting: 30_000 },
      listBucket: scene.aws.buckets.deadLetter,
    });
    if (!report) throw new Error(`The audit of ${date} did not come to its end.`);
    const told = (await listedIssues(scene, report)).map(({ type, message, ...issue }) => ({
      ...{ date_prefix: issue.date_prefix, file_key: issue.file_key },
      ...{ kind: type, cause: '', change: issue.next_step, summary: message },
    }));
    audited.push({ date, totals: report.totals, told, data: await verifyNight(scene, date, now) });
  }
  return audited;
}

/** As the audit's function does it; what it found is read as everybody reads it. */
async function verifyNight(scene: Scene, date: string, now: number): Promise<VerifiedNight | undefined> {
  const deps = checkDeps(scene, now);
  const graceMillis = scene.profile.limits.grace_hours * 3_600_000;
  const random = () => 0.5;
  const open = { since: now, touched: now, parts: [] };
  const asked = { date, graceMillis, random, signal: NO_BOUNDS.signal, open };
  const night = await verifyNightly({ ...deps, ...asked, publish: () => undefined });
  if (!night) return undefined;
  const { proof, findings } = await readDateFindings(deps.projection, date);
  if (!proof || !night.proof) throw new Error(`The verification of ${date} did not come to its end.`);
  return { date, proof, findings: [...findings.values()] };
}

/** All issues of an audit: its report has no refusals, which need nobody, but its list has them. */
async function listedIssues({ aws }: Scene, { listedIn }: AuditReport): Promise<ConsistencyIssue[]> {
  if (!listedIn) return [];
  const Prefix = listedIn.replace(`s3://${aws.buckets.deadLetter}/`, '');
  const Bucket = aws.buckets.deadLetter;
  const { Contents = [] } = await aws.s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
  const bodies = await Promise.all(
    Contents.map(async ({ Key }) => {
      const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket, Key }));
      return (await Body?.transformToString()) ?? '';
    }),
  );
  return bodies.flatMap((body) => body.trim().split('\n')).map((line) => JSON.parse(line));
}
