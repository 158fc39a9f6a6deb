import type { Deps } from '../aws/deps.ts';
import {
  createEvidenceLoader,
  type EvidenceDeps,
  type EvidenceLoader,
  type ManifestFacts,
} from '../pipeline/evidence-loader.ts';
import { expiredAt } from '../pipeline/expiry.ts';
import type { ReportCheck } from '../pipeline/job-reports.ts';
import { hoursInStatus, recordKind } from '../pipeline/record.ts';
import { IN_FLIGHT_STATUSES, parseStatus } from '../pipeline/status.ts';
import { readRecord, type TrackingRecord } from '../pipeline/tracking-table.ts';
import { withHeadSince } from '../projection/known-age.ts';
import type { ConvertedManifest } from '../reports/proofs.ts';
import { findingInCompleted, proofIn } from './conversion.ts';
import { decideVerdict } from './decide-verdict.ts';
import { reportOfRun } from './execution-advice.ts';
import type { Facts } from './facts.ts';
import { type Finding, findingInClaimed, findingInManifest, findingInPending } from './finding.ts';
import type { AgeRules } from './limits.ts';
import { createMemory, type Memory } from './memory.ts';
import { createProvedRows, findingByRows, type ProvedRows } from './rows.ts';
import { stillHolds } from './still-holds.ts';
import type { Cause, OrphanKind, Verdict } from './verdict.ts';

/** What checks of records have in common. */
export interface Check extends EvidenceDeps, AgeRules, Pick<Deps, 'projection'> {
  readonly evidence: EvidenceLoader;
  readonly memory: Memory;
  readonly provedRows: ProvedRows;
}

/** A check that loads each thing once. */
export function createCheck<D extends EvidenceDeps & AgeRules & Pick<Deps, 'projection'>>(
  deps: D,
): D & Check {
  return {
    ...deps,
    evidence: createEvidenceLoader(deps),
    memory: createMemory(deps),
    provedRows: createProvedRows(deps),
  };
}

/** The result of checking one record. */
export type CheckResult =
  | { readonly kind: 'orphan'; readonly verdict: Verdict }
  /** Nothing is wrong, or it has moved on in the meantime. */
  | { readonly kind: 'healthy'; readonly proof?: ConvertedManifest | undefined }
  /** Settled too recently to tell. */
  | { readonly kind: 'young' }
  /** Something could not be checked, and nothing is known to be wrong. */
  | { readonly kind: 'unknown' }
  /** It depends on an age that is unknown: such a file is reported, and no change is recommended. */
  | { readonly kind: 'age_unknown' }
  /** Completed so long ago that the evidence of its conversion has expired. */
  | { readonly kind: 'unverifiable' };

/** What a record and its manifest and output show. */
export interface FindingWithFacts {
  readonly finding: Finding;
  readonly facts: Facts;
  /** The finding before its rows were considered, if they were: an overruled finding proves nothing. */
  readonly seen?: Finding;
}

/**
 * Checks a record that an index or listing showed. Either may be stale, so a record with a finding is read
 * again, consistently, and checked again.
 */
export async function checkRecord(check: Check, listed: TrackingRecord): Promise<CheckResult> {
  const candidate = await withHeadSince(check.projection, listed, check.now);
  if (isLeaving(candidate, check.now)) return { kind: 'healthy' };
  if (isYoung(candidate, check)) return { kind: 'young' };
  const { finding, facts, seen } = await findingOf(check, candidate);
  if (finding === undefined) return { kind: 'healthy', ...(seen === undefined && proofOf(facts, check)) };
  if (typeof finding === 'string') return { kind: finding };
  const record = await readRecord(check.tracking, candidate);
  if (!record || statusOf(record) !== statusOf(candidate)) return { kind: 'healthy' };
  const verdict = await verdictOf(check, record);
  if (typeof verdict === 'string') return { kind: verdict };
  return verdict ? { kind: 'orphan', verdict } : { kind: 'healthy' };
}

/** The verdict on a record that was read consistently; undefined when nothing is wrong with it. */
export async function verdictOf(
  check: Check,
  record: TrackingRecord,
): Promise<Verdict | Extract<Finding, string> | undefined> {
  const { finding, facts } = await findingOf(check, record, 'again');
  if (finding === undefined || typeof finding === 'string') return finding;
  return decideVerdict(finding, await loadRest(check, facts), check);
}

/** What a healthy completed file proves about its manifest. */
function proofOf(facts: Facts, { now }: Check): { readonly proof?: ConvertedManifest | undefined } {
  const proof = statusOf(facts.record) === 'completed' ? proofIn(facts, now) : undefined;
  return proof ? { proof } : {};
}

/** Loads what decides whether anything is wrong with a record; what its rows prove counts first. */
export async function findingOf(
  check: Check,
  listed: TrackingRecord,
  again?: 'again',
): Promise<FindingWithFacts> {
  const { finding, facts } = await findingSeen(check, listed, again);
  const { record } = facts;
  const isAsked = statusOf(record) === 'completed' || finding !== undefined;
  if (!isAsked || recordKind(record) !== 'file' || finding === 'age_unknown') return { finding, facts };
  const rows = await check.provedRows.of(record);
  if (!rows?.is_certain) return { finding, facts: { ...facts, rows } };
  const input = finding === undefined ? undefined : await check.evidence.inputOf(record);
  const all = { ...facts, rows, input };
  return { finding: findingByRows(finding, all, check.now), facts: all, seen: finding };
}

async function findingSeen(
  check: Check,
  listed: TrackingRecord,
  again: 'again' | undefined,
): Promise<FindingWithFacts> {
  const record = await withHeadSince(check.projection, listed, check.now);
  if (isOfUnknownAge(record, check.now)) return { finding: 'age_unknown', facts: { record } };
  if (recordKind(record) === 'manifest') {
    return { finding: findingInManifest(record, check), facts: { record } };
  }
  const status = statusOf(record);
  if (status === 'pending') return { finding: findingInPending(record, check), facts: { record } };
  if (status !== 'manifested' && status !== 'processing' && status !== 'completed') {
    return { finding: undefined, facts: { record } };
  }
  const manifest = await manifestOf(check, record, again);
  return status === 'completed'
    ? findingOfCompleted(check, record, manifest)
    : findingOfClaimed(check, record, manifest);
}

/** Only for what seems stuck is the report of its job worth a search. */
async function findingOfClaimed(
  check: Check,
  record: TrackingRecord,
  manifest: ManifestFacts,
): Promise<FindingWithFacts> {
  const finding = findingInClaimed(record, manifest, check);
  if (finding === undefined) return { finding, facts: { record, manifest } };
  const [report, known] = await Promise.all([
    reportOfPresentRun(check, record, manifest),
    check.memory.lostOf(record),
  ]);
  const live = findingInClaimed(record, manifest, check, report);
  const lost = known && stillHolds(known, live, { record, manifest, report }, check) ? known : undefined;
  return {
    finding: lost ? { kind: lost.kind as OrphanKind, cause: lost.cause as Cause } : live,
    facts: { record, manifest, report, lost },
  };
}

async function reportOfPresentRun(
  { evidence }: Check,
  record: TrackingRecord,
  manifest: ManifestFacts,
): Promise<ReportCheck | undefined> {
  const report = await evidence.reportOf(record, manifest);
  if (report?.found !== 'yes') return report;
  return reportOfRun(report.report, manifest.record) ? report : { found: 'no' };
}

/** What is already known needs no other evidence; the report comes before the outputs, which many jobs share. */
async function findingOfCompleted(
  check: Check,
  record: TrackingRecord,
  manifest: ManifestFacts,
): Promise<FindingWithFacts> {
  const { evidence, memory } = check;
  const [converted, lost] = await Promise.all([memory.convertedOf(record, manifest), memory.lostOf(record)]);
  const report = converted && !lost ? undefined : await evidence.reportOf(record, manifest);
  const isTold = converted !== undefined && !lost;
  const outputs = isTold
    ? undefined
    : await evidence.outputsOf(record, manifest, report?.found === 'yes' ? report.report : undefined);
  const facts = { record, manifest, converted, lost, report, outputs };
  return { finding: findingInCompleted(facts, check), facts };
}

/** A file's manifest; the age of the manifest's record matters as well. */
async function manifestOf(check: Check, file: TrackingRecord, again?: 'again'): Promise<ManifestFacts> {
  const manifest = await check.evidence.manifestOf(file, again);
  const record = manifest.record && (await withHeadSince(check.projection, manifest.record, check.now));
  return { ...manifest, record };
}

/** Loads what decides what to do about it. */
export async function loadRest(
  { evidence, provedRows }: Pick<Check, 'evidence' | 'provedRows'>,
  facts: Facts,
): Promise<Facts> {
  const { record } = facts;
  if (recordKind(record) === 'manifest') {
    return { ...facts, contents: await evidence.contentsOf(record) };
  }
  const isCompleted = statusOf(record) === 'completed';
  const report = facts.report?.found === 'yes' ? facts.report.report : undefined;
  const [rows, input, copy, outputs, outputPlace] = await Promise.all([
    facts.rows ?? provedRows.of(record),
    facts.input ?? evidence.inputOf(record),
    isCompleted ? undefined : evidence.copyOf(record),
    facts.outputs ??
      (facts.manifest?.object ? evidence.outputsOf(record, facts.manifest, report) : undefined),
    evidence.outputPlace(),
  ]);
  const isNowhere = outputs?.found === 'none';
  return { ...facts, rows, input, copy, outputs, outputPlace: isNowhere ? outputPlace : undefined };
}

/** A settled record that has expired: DynamoDB removes it within days, and its objects may be gone before. */
export function isLeaving(record: TrackingRecord, now: number): boolean {
  return statusOf(record) === 'completed' && expiredAt(record.ttl, now) !== undefined;
}

function isYoung(record: TrackingRecord, { graceHours, now }: AgeRules): boolean {
  const hours = hoursInStatus(record, now);
  return statusOf(record) === 'completed' && hours !== undefined && hours <= graceHours;
}

/** Only of records that are checked at all, since each check begins with the record's age. */
function isOfUnknownAge(record: TrackingRecord, now: number): boolean {
  const isChecked = recordKind(record) === 'file' ? CHECKED_FILES : CHECKED_MANIFESTS;
  return isChecked.has(statusOf(record)) && hoursInStatus(record, now) === undefined;
}

const CHECKED_FILES: ReadonlySet<string> = new Set([...IN_FLIGHT_STATUSES, 'completed']);
const CHECKED_MANIFESTS: ReadonlySet<string> = new Set(['pending', 'processing']);

function statusOf({ status }: TrackingRecord): string {
  return parseStatus(status).status;
}
