import type { EvidenceDeps, EvidenceLoader } from '../pipeline/evidence-loader.ts';
import { recordKind } from '../pipeline/record.ts';
import { parseStatus } from '../pipeline/status.ts';
import { readRecord, type TrackingRecord } from '../pipeline/tracking-table.ts';
import { decideVerdict } from './decide-verdict.ts';
import type { Facts } from './facts.ts';
import {
  type Finding,
  findingInClaimed,
  findingInCompleted,
  findingInManifest,
  findingInPending,
} from './finding.ts';
import { type AgeRules, isOver } from './limits.ts';
import type { Verdict } from './verdict.ts';

/** What checks of records have in common. */
export interface Check extends EvidenceDeps, AgeRules {
  readonly evidence: EvidenceLoader;
}

/** What a check of one record came to. */
export type CheckResult =
  | { readonly kind: 'orphan'; readonly verdict: Verdict }
  /** Nothing is wrong, or it has moved meanwhile. */
  | { readonly kind: 'healthy' }
  /** Settled too recently to tell. */
  | { readonly kind: 'young' }
  /** Something could not be looked at, and nothing is known to be wrong. */
  | { readonly kind: 'unknown' };

/** What a record and its manifest and output show. */
export interface FindingWithFacts {
  readonly finding: Finding;
  readonly facts: Facts;
}

/**
 * Checks a record that an index or listing showed. Either may be stale, so a record with a finding is read
 * again, consistently, and checked anew.
 */
export async function checkRecord(check: Check, candidate: TrackingRecord): Promise<CheckResult> {
  if (isYoung(candidate, check)) return { kind: 'young' };
  if (isLeaving(candidate, check.now)) return { kind: 'healthy' };
  const { finding } = await findingOf(check, candidate);
  if (finding === undefined) return { kind: 'healthy' };
  if (finding === 'unknown') return { kind: 'unknown' };
  const record = await readRecord(check.tracking, candidate);
  if (!record || statusOf(record) !== statusOf(candidate)) return { kind: 'healthy' };
  const verdict = await verdictOf(check, record);
  if (verdict === 'unknown') return { kind: 'unknown' };
  return verdict ? { kind: 'orphan', verdict } : { kind: 'healthy' };
}

/** The verdict on a record that was read consistently; undefined when nothing is wrong with it. */
export async function verdictOf(
  check: Check,
  record: TrackingRecord,
): Promise<Verdict | 'unknown' | undefined> {
  const { finding, facts } = await findingOf(check, record, 'again');
  if (finding === undefined || finding === 'unknown') return finding;
  return decideVerdict(finding, await loadRest(check, facts), check.now);
}

/** Looks at what decides whether anything is wrong with a record. */
export async function findingOf(
  check: Check,
  record: TrackingRecord,
  again?: 'again',
): Promise<FindingWithFacts> {
  if (recordKind(record) === 'manifest') {
    return { finding: findingInManifest(record, check), facts: { record } };
  }
  const status = statusOf(record);
  if (status === 'pending') return { finding: findingInPending(record, check), facts: { record } };
  if (status !== 'manifested' && status !== 'processing' && status !== 'completed') {
    return { finding: undefined, facts: { record } };
  }
  const manifest = await check.evidence.manifestOf(record, again);
  if (status !== 'completed') {
    return { finding: findingInClaimed(record, manifest, check), facts: { record, manifest } };
  }
  const outputs = await check.evidence.outputsOf(record, manifest);
  return { finding: findingInCompleted(manifest, outputs), facts: { record, manifest, outputs } };
}

/** Looks at what decides what to do about it. */
export async function loadRest({ evidence }: Pick<Check, 'evidence'>, facts: Facts): Promise<Facts> {
  const { record } = facts;
  if (recordKind(record) === 'manifest') {
    return { ...facts, contents: await evidence.contentsOf(record) };
  }
  const isCompleted = statusOf(record) === 'completed';
  const [input, copy, outputs] = await Promise.all([
    evidence.inputOf(record),
    isCompleted ? undefined : evidence.copyOf(record),
    facts.outputs ?? (facts.manifest?.object ? evidence.outputsOf(record, facts.manifest) : undefined),
  ]);
  return { ...facts, input, copy, outputs };
}

/** A settled record whose time is up: DynamoDB removes it within days, and its objects may be gone before. */
function isLeaving(record: TrackingRecord, now: number): boolean {
  return statusOf(record) === 'completed' && Number(record.ttl) * 1000 < now;
}

function isYoung(record: TrackingRecord, { graceHours, now }: AgeRules): boolean {
  return statusOf(record) === 'completed' && !isOver(record, graceHours, now);
}

function statusOf({ status }: TrackingRecord): string {
  return parseStatus(status).status;
}
