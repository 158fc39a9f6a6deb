import type { CheckContext, Witness } from '../pipeline/evidence-loader.ts';
import { recordKind } from '../pipeline/record.ts';
import { parseStatus } from '../pipeline/status.ts';
import { readRecord, type TrackingRecord } from '../pipeline/tracking-table.ts';
import { conclude } from './decide-verdict.ts';
import type { Facts } from './facts.ts';
import {
  type Suspicion,
  suspectClaimed,
  suspectCompleted,
  suspectManifest,
  suspectPending,
} from './finding.ts';
import { type AgeRules, isOver } from './limits.ts';
import type { Verdict } from './verdict.ts';

/** What checks of records have in common. */
export interface Check extends CheckContext, AgeRules {
  readonly witness: Witness;
}

/** What a check of one record came to. */
export type Checked =
  | { readonly kind: 'orphan'; readonly verdict: Verdict }
  /** Nothing is wrong, or it has moved meanwhile. */
  | { readonly kind: 'healthy' }
  /** Settled too recently to be judged. */
  | { readonly kind: 'young' }
  /** Something could not be looked at, and nothing is known to be wrong. */
  | { readonly kind: 'unknown' };

/** What a record and its manifest and output show. */
export interface Examination {
  readonly suspicion: Suspicion;
  readonly facts: Facts;
}

/**
 * Checks a record that an index or listing showed. Nothing is concluded from that: a suspect is read again
 * from the table, consistently, and examined anew.
 */
export async function checkRecord(check: Check, candidate: TrackingRecord): Promise<Checked> {
  if (isYoung(candidate, check)) return { kind: 'young' };
  if (isLeaving(candidate, check.now)) return { kind: 'healthy' };
  const { suspicion } = await examine(check, candidate);
  if (suspicion === undefined) return { kind: 'healthy' };
  if (suspicion === 'unknown') return { kind: 'unknown' };
  const record = await readRecord(check.tracking, candidate);
  if (!record || statusOf(record) !== statusOf(candidate)) return { kind: 'healthy' };
  const verdict = await judge(check, record);
  if (verdict === 'unknown') return { kind: 'unknown' };
  return verdict ? { kind: 'orphan', verdict } : { kind: 'healthy' };
}

/** The verdict on a record that was read consistently; undefined when nothing is wrong with it. */
export async function judge(check: Check, record: TrackingRecord): Promise<Verdict | 'unknown' | undefined> {
  const { suspicion, facts } = await examine(check, record, 'again');
  if (suspicion === undefined || suspicion === 'unknown') return suspicion;
  return conclude(suspicion, await surround(check, facts), check.now);
}

/** Looks at what decides whether anything is wrong with a record. */
export async function examine(check: Check, record: TrackingRecord, again?: 'again'): Promise<Examination> {
  if (recordKind(record.date_prefix, record.file_key) === 'manifest') {
    return { suspicion: suspectManifest(record, check), facts: { record } };
  }
  const status = statusOf(record);
  if (status === 'pending') return { suspicion: suspectPending(record, check), facts: { record } };
  if (status !== 'manifested' && status !== 'processing' && status !== 'completed') {
    return { suspicion: undefined, facts: { record } };
  }
  const manifest = await check.witness.manifestOf(record, again);
  if (status !== 'completed') {
    return { suspicion: suspectClaimed(record, manifest, check), facts: { record, manifest } };
  }
  const outputs = await check.witness.outputsOf(record, manifest);
  return { suspicion: suspectCompleted(manifest, outputs), facts: { record, manifest, outputs } };
}

/** Looks at what decides what to do about it. */
export async function surround({ witness }: Pick<Check, 'witness'>, facts: Facts): Promise<Facts> {
  const { record } = facts;
  if (recordKind(record.date_prefix, record.file_key) === 'manifest') {
    return { ...facts, contents: await witness.contentsOf(record) };
  }
  const isCompleted = statusOf(record) === 'completed';
  const [input, copy, outputs] = await Promise.all([
    witness.inputOf(record),
    isCompleted ? undefined : witness.copyOf(record),
    facts.outputs ?? (facts.manifest?.object ? witness.outputsOf(record, facts.manifest) : undefined),
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
