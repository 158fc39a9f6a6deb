import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { touchedNames } from '../pipeline/guarded-write.ts';
import { CHANGE_ATTRIBUTES, timeAttributeOf } from '../pipeline/record.ts';
import { parseStatus, storedStatus } from '../pipeline/status.ts';
import { keyOf, type RawAttributes, rawText } from '../pipeline/tracking-table.ts';
import {
  absentOf,
  changesOf,
  differingFrom,
  isSameValue,
  type RecordVersion,
  tellsVersions,
  VERSION_UNKNOWN,
  versionAttributes,
  versionGuard,
} from '../pipeline/version.ts';
import { cutTo } from '../text/visible-text.ts';
import type { Change, ChangeFile, FileResult } from './change.ts';
import type { PlanEntry } from './plan.ts';

/**
 * Decides what a planned entry does to the record as it is now: the values of every attribute that is touched, before
 * and after; or that the file is skipped, because it is no longer as planned. Pure.
 *
 * @param record undefined when it is gone
 * @param completion what is known about the job that completed it
 */
export function decideFile(
  entry: PlanEntry,
  record: RawAttributes | undefined,
  change: Change,
  completion: RawAttributes,
): ChangeFile {
  const { expected, why, forced = false } = entry;
  const file = { key: keyOf(entry), why, forced };
  const differs = record ? differingFrom(expected.attributes, record) : [];
  if (!record || differs.length > 0) {
    return { ...file, before: {}, after: {}, result: skipped(record, differs, expected.attributes) };
  }
  const written = writtenAttributes(entry, record, completion);
  const timed = timesOf(entry).filter((name) => !Object.hasOwn(written, name));
  const after = { ...timesAt(change.createdAt, timed), ...written, ...auditAttributesOf(change) };
  const touched = Object.keys(after);
  return { ...file, timed, before: pick(record, touched), after, guard: versionGuard(record, touched) };
}

/**
 * The same for an entry of a plan that was made some time ago: a file may have been uploaded again since. Where the
 * record has nothing that would show that, the file is left out unless it was forced.
 */
export function decideKept(...given: Parameters<typeof decideFile>): ChangeFile {
  const [entry] = given;
  const { expected, why, forced = false } = entry;
  const decided = decideFile(...given);
  if (decided.result || forced || tellsVersions(expected.attributes)) return decided;
  const result = { kind: 'skipped', differs: [], leftOut: VERSION_UNKNOWN } as const;
  return { key: keyOf(entry), why, forced, before: decided.before, after: {}, result };
}

/**
 * Decides how a file that a change has written is restored: the attributes it touched become what they were, those that
 * were absent are removed. Only the audit attributes become the undo's own, so that the stream shows it. Pure.
 *
 * @param done the file as the change that is undone left it
 */
export function decideUndo(done: ChangeFile, record: RawAttributes | undefined, undo: Change): ChangeFile {
  const file = {
    key: done.key,
    why: cutTo(`undo of ${undo.undoes}: ${done.why}`, 500),
    forced: done.forced,
  };
  const left = { before: done.after, after: withoutAuditAttributes(done.before) };
  const differs = differingNames(record, left);
  if (!record || differs.length > 0) {
    const result = skipped(record, differs, versionAttributes(left.before));
    return { ...file, before: {}, after: {}, result };
  }
  const timed = [CHANGE_ATTRIBUTES.time];
  const after = { ...left.after, ...timesAt(undo.createdAt, timed), ...auditAttributesOf(undo) };
  return { ...file, timed, before: pick(record, touchedNames({ before: left.before, after })), after };
}

// A record that was written as a whole may differ in everything.
const MOST_CHANGES_TOLD = 12;
const LONGEST_TOLD = 200;

/** The result for a file that does not have the expected version. */
export function skipped(
  record: RawAttributes | undefined,
  differs: readonly string[],
  expected: RecordVersion,
): FileResult {
  if (!record) return { kind: 'skipped', differs: [] };
  const updated_at = rawText(record, 'updated_at');
  const change_id = changeIdOf(record);
  return {
    kind: 'skipped',
    became: {
      status: cutTo(parseStatus(rawText(record, 'status')).status, LONGEST_TOLD),
      ...(updated_at !== undefined && { updated_at: cutTo(updated_at, LONGEST_TOLD) }),
      ...(change_id !== undefined && { change_id }),
    },
    differs,
    changes: changesOf(expected, versionAttributes(record), differs.slice(0, MOST_CHANGES_TOLD)),
  };
}

/** The attributes of a write, touched or guarded, whose values before are not those of the record. */
export function differingNames(
  record: RawAttributes | undefined,
  write: Pick<ChangeFile, 'before' | 'after' | 'guard'>,
): string[] {
  const before = { ...write.guard, ...write.before };
  const touched = touchedNames(write);
  const absent = write.guard ? absentOf(write.guard, touched) : [];
  const names = new Set([...touched, ...Object.keys(before), ...absent]);
  return [...names].filter((name) => !isSameValue(record?.[name], before[name])).sort();
}

/** What the pipeline would write for the same step; what the operator gives overrides it. */
function writtenAttributes(
  entry: PlanEntry,
  record: RawAttributes,
  completion: RawAttributes,
): RawAttributes {
  const { status: from, suffix } = parseStatus(entry.expected.status);
  const moves = from !== entry.new_status;
  return {
    status: { S: storedStatus(entry.new_status, suffix) },
    // When its job ended, rather than when a person found out.
    ...(moves && entry.new_status === 'completed' && completion),
    ...(moves && entry.new_status === 'pending' && resetAttributes(record)),
    ...marshall(entry.additional_fields ?? {}),
  };
}

/** The attributes that say when a file was written, unless something else is known about them. */
function timesOf({ expected, new_status }: PlanEntry): string[] {
  const moves = parseStatus(expected.status).status !== new_status;
  const ownTime = moves ? timeAttributeOf(new_status) : undefined;
  return ['updated_at', ...(ownTime === undefined ? [] : [ownTime]), CHANGE_ATTRIBUTES.time];
}

/** Until a file is written, the time of its change stands for the time of its write. */
function timesAt(at: string, names: readonly string[]): RawAttributes {
  return Object.fromEntries(names.map((name) => [name, { S: at }]));
}

/** A released claim has no manifest any more, which the pipeline writes as NULL. */
function resetAttributes(record: RawAttributes): RawAttributes {
  return {
    reset_count: { N: increment(record.reset_count) },
    ...(record.manifest_path && { manifest_path: { NULL: true } }),
  };
}

function increment(count: AttributeValue | undefined): string {
  const digits = count?.N ?? count?.S ?? '';
  return /^\d+$/.test(digits) ? String(BigInt(digits) + 1n) : '1';
}

function pick(record: RawAttributes, names: readonly string[]): RawAttributes {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = record[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

// The audit keeps the whole reason; the pipeline pays for the size of a record at each of its writes.
const LONGEST_REASON = 200;

const AUDIT_ATTRIBUTES: ReadonlySet<string> = new Set(Object.values(CHANGE_ATTRIBUTES));

/** What a change leaves on every record it writes, besides the time: the stream carries it into the timeline. */
function auditAttributesOf({ id, actor, reason }: Change): RawAttributes {
  return {
    [CHANGE_ATTRIBUTES.id]: { S: id },
    [CHANGE_ATTRIBUTES.actor]: { S: actor.identity },
    [CHANGE_ATTRIBUTES.reason]: { S: cutTo(reason, LONGEST_REASON) },
  };
}

/** The last change that wrote a record. */
export function changeIdOf(record: RawAttributes | undefined): string | undefined {
  return rawText(record, CHANGE_ATTRIBUTES.id);
}

export function onlyAuditAttributes(attributes: RawAttributes): RawAttributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => AUDIT_ATTRIBUTES.has(name)));
}

export function withoutAuditAttributes(attributes: RawAttributes): RawAttributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !AUDIT_ATTRIBUTES.has(name)));
}
