import { createHash } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { RawAttributes, RecordKey } from '../pipeline/tracking-table.ts';
import { ACKNOWLEDGED } from '../reports/acknowledgements.ts';
import { NOTES_MARK } from '../reports/notes.ts';
import type { PartsReference } from './audit-parts.ts';
import type { Change, ChangeFile } from './change.ts';

/** All changes are items of one partition: operators make few, so one query lists them newest first. */
export const CHANGES_PARTITION = 'CHANGES';

/** Who maintained the projection, when and why: listed among the changes, but written by other people. */
export const UPKEEP_PARTITION = 'UPKEEP';

/** Lists which plans were approved, and by whom; the approvals themselves are in partitions of the approvers. */
export const APPROVALS_PARTITION = 'APPROVALS';

/** What is planned for files, being done to them, or was done: only changes write there. */
export const AUDIT_PARTITIONS = [CHANGES_PARTITION, 'CHANGE#*', 'PLAN#*'] as const;

/** Only approvers write there, each in a partition of their own. */
export const APPROVAL_PARTITIONS = [APPROVALS_PARTITION, 'APPROVAL#*'] as const;

/** What people have acknowledged or noted: only their changes write there. */
export const WORD_PARTITIONS = [ACKNOWLEDGED, `${NOTES_MARK}*`] as const;

/** @param userId of the approver, as AWS knows it */
export function approvalPartition(userId: string): string {
  return `APPROVAL#${userId}`;
}

export function changeKey(id: string, pk = CHANGES_PARTITION) {
  return { pk, sk: id };
}

/** The files of one change, in the order of their keys. */
export function filesPartition(id: string): string {
  return `CHANGE#${id}`;
}

// DynamoDB's limit for a sort key, which is also the longest that a file_key may be.
const LONGEST_SORT_KEY = 1024;

export function changeFileKey(id: string, { date_prefix, file_key }: RecordKey) {
  const name = `${date_prefix}#${file_key}`;
  const sk =
    Buffer.byteLength(name) <= LONGEST_SORT_KEY ? name : createHash('sha256').update(name).digest('hex');
  return { pk: filesPartition(id), sk };
}

/** A change as its item holds it. */
export type ChangeItem = Omit<Change, 'id'> & { readonly pk: string; readonly sk: string };

export function changeItem({ id, ...change }: Change, pk = CHANGES_PARTITION): ChangeItem {
  return { ...changeKey(id, pk), ...change };
}

export function readChangeItem({ pk: _partition, sk, ...change }: ChangeItem): Change {
  return { id: sk, ...change };
}

/** A file of a change as its item holds it: attributes of the record keep the form that the table has. */
export function changeFileItem(id: string, file: ChangeFile): Record<string, AttributeValue> {
  const { before, after, guard, ...rest } = file;
  return {
    ...bareItem(id, rest),
    before: { M: { ...before } },
    after: { M: { ...after } },
    ...(guard && { guard: { M: { ...guard } } }),
  };
}

/** The same where its attributes are too large for one item, and stored in parts. */
export function splitFileItem(
  id: string,
  { before: _before, after: _after, guard: _guard, ...rest }: ChangeFile,
  parts: PartsReference,
): Record<string, AttributeValue> {
  return bareItem(id, { ...rest, parts });
}

function bareItem(
  id: string,
  rest: Pick<ChangeFile, 'key'> & { readonly parts?: PartsReference },
): Record<string, AttributeValue> {
  return marshall({ ...changeFileKey(id, rest.key), ...rest }, { removeUndefinedValues: true });
}

/** Where the attributes in an item are, when they are not in the item itself. */
export function partsIn({ parts }: RawAttributes): PartsReference | undefined {
  return parts?.M && (unmarshall(parts.M) as PartsReference);
}

export function readChangeFileItem(item: RawAttributes): ChangeFile {
  const { before, after, guard, parts: _parts, ...plain } = item;
  const { pk: _pk, sk: _sk, ...rest } = unmarshall(plain);
  return {
    ...(rest as Omit<ChangeFile, 'before' | 'after' | 'guard'>),
    before: before?.M ?? {},
    after: after?.M ?? {},
    ...(guard?.M && { guard: guard.M }),
  };
}
