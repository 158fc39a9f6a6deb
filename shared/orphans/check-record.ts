import type { Deps } from '../aws/deps.ts';
import type { EvidenceDeps, EvidenceLoader, ManifestFacts } from '../pipeline/evidence-loader.ts';
import { hoursInStatus, recordKind } from '../pipeline/record.ts';
import { IN_FLIGHT_STATUSES, parseStatus } from '../pipeline/status.ts';
import { readRecord, type TrackingRecord } from '../pipeline/tracking-table.ts';
import { withHeadSince } from '../projection/known-age.ts';
import { decideVerdict } from './decide-verdict.ts';
import type { Facts } from './facts.ts';
import {
  type Finding,
  findingInClaimed,
  findingInCompleted,
  findingInManifest,
  findingInPending,
} from './finding.ts';
import { holdReset } from './hold-reset.ts';
import type { AgeRules } from './limits.ts';
import type { Verdict } from './verdict.ts';

/** What checks of records have in common. */
export interface Check extends EvidenceDeps, AgeRules, Pick<Deps, 'projection'> {
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
  | { readonly kind: 'unknown' }
  /** It depends on an age that is unknown: such a file is told of, and no change is recommended. */
  | { readonly kind: 'age_unknown' };

/** What a record and its manifest and output show. */
export interface FindingWithFacts {
  readonly finding: Finding;
  readonly facts: Facts;
}

/**
 * Checks a record that an index or listing showed. Either may be stale, so a record with a finding is read
 * again, consistently, and checked anew.
 */
export async function checkRecord(check: Check, listed: TrackingRecord): Promise<CheckResult> {
  const candidate = await withHeadSince(check.projection, listed, check.now);
  if (isLeaving(candidate, check.now)) return { kind: 'healthy' };
  if (isYoung(candidate, check)) return { kind: 'young' };
  const { finding } = await findingOf(check, candidate);
  if (finding === undefined) return { kind: 'healthy' };
  if (isOpen(finding)) return { kind: finding };
  const record = await readRecord(check.tracking, candidate);
  if (!record || statusOf(record) !== statusOf(candidate)) return { kind: 'healthy' };
  const verdict = await verdictOf(check, record);
  if (isOpen(verdict)) return { kind: verdict };
  return verdict ? { kind: 'orphan', verdict } : { kind: 'healthy' };
}

/** Why nothing can be said of a record. */
type Open = 'unknown' | 'age_unknown';

/** Whether a check could not come to an answer. */
export function isOpen(answer: unknown): answer is Open {
  return answer === 'unknown' || answer === 'age_unknown';
}

/** The verdict on a record that was read consistently; undefined when nothing is wrong with it. */
export async function verdictOf(check: Check, record: TrackingRecord): Promise<Verdict | Open | undefined> {
  const { finding, facts } = await findingOf(check, record, 'again');
  if (finding === undefined || isOpen(finding)) return finding;
  const rest = await loadRest(check, facts);
  return holdReset(decideVerdict(finding, rest, check.now), rest, check);
}

/** Looks at what decides whether anything is wrong with a record. */
export async function findingOf(
  check: Check,
  listed: TrackingRecord,
  again?: 'again',
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
  if (status !== 'completed') {
    return { finding: findingInClaimed(record, manifest, check), facts: { record, manifest } };
  }
  const outputs = await check.evidence.outputsOf(record, manifest);
  return { finding: findingInCompleted(manifest, outputs), facts: { record, manifest, outputs } };
}

/** A file's manifest; how old its record is matters as well. */
async function manifestOf(check: Check, file: TrackingRecord, again?: 'again'): Promise<ManifestFacts> {
  const manifest = await check.evidence.manifestOf(file, again);
  const record = manifest.record && (await withHeadSince(check.projection, manifest.record, check.now));
  return { ...manifest, record };
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
  const hours = hoursInStatus(record, now);
  return statusOf(record) === 'completed' && hours !== undefined && hours <= graceHours;
}

/** Of the records that are checked at all, for each check begins with the record's age. */
function isOfUnknownAge(record: TrackingRecord, now: number): boolean {
  const isChecked = recordKind(record) === 'file' ? CHECKED_FILES : CHECKED_MANIFESTS;
  return isChecked.has(statusOf(record)) && hoursInStatus(record, now) === undefined;
}

const CHECKED_FILES: ReadonlySet<string> = new Set([...IN_FLIGHT_STATUSES, 'completed']);
const CHECKED_MANIFESTS: ReadonlySet<string> = new Set(['pending', 'processing']);

function statusOf({ status }: TrackingRecord): string {
  return parseStatus(status).status;
}
