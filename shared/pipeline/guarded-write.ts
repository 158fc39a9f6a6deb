import {
  type AttributeValue,
  ConditionalCheckFailedException,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Table } from '../aws/deps.ts';
import { type RawAttributes, type RecordKey, rawKey } from './tracking-table.ts';
import { absentOf } from './version.ts';

/** The attributes that a write touches, as they must be and as they will be. */
export interface GuardedWrite {
  readonly key: RecordKey;
  /** The values that must be there; an attribute that only `after` names must be absent. */
  readonly before: RawAttributes;
  /** The values to write; an attribute that only `before` names is removed. */
  readonly after: RawAttributes;
  /**
   * What else must be unchanged, although it is not touched: times, manifest and size distinguish this version of the
   * file from one that was uploaded again. A time that it lacks must still be absent. Undefined: only what is touched.
   */
  readonly guard?: RawAttributes | undefined;
}

/** The result of a guarded write. */
export type WriteOutcome =
  | { readonly kind: 'written' }
  /** Nothing was written: `found` is the record as it is now, undefined when there is none. */
  | { readonly kind: 'refused'; readonly found: RawAttributes | undefined };

/**
 * Writes to a tracking record, only if it exists and every attribute touched is still as expected. This is the
 * only way in which this project changes a record. It is a plain conditional update, not a transaction: while a
 * transaction holds an item, the pipeline's own writes to it would fail.
 *
 * @param beforeSending awaited before each attempt to send it, also before those that the SDK repeats; what it throws
 *   prevents the attempt
 */
export async function guardedWrite(
  table: Table,
  write: GuardedWrite,
  beforeSending?: () => Promise<void>,
): Promise<WriteOutcome> {
  const command = new UpdateItemCommand({
    TableName: table.name,
    Key: rawKey(write.key),
    ...expressionsOf(write),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  // In this step and with this priority it is within the SDK's retries, and the last thing before a request is sent.
  command.middlewareStack.add(
    (next) => async (args) => {
      await beforeSending?.();
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  try {
    await table.docs.send(command);
    return { kind: 'written' };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { kind: 'refused', found: error.Item };
  }
}

/** The names of the attributes that a write touches. */
export function touchedNames({ before, after }: Pick<GuardedWrite, 'before' | 'after'>): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])];
}

function expressionsOf(write: GuardedWrite) {
  const names: Record<string, string> = { '#key': 'file_key' };
  const values: Record<string, AttributeValue> = {};
  const conditions = ['attribute_exists(#key)'];
  const sets: string[] = [];
  const removals: string[] = [];
  for (const [i, name] of touchedNames(write).entries()) {
    const { [name]: before } = write.before;
    const { [name]: after } = write.after;
    names[`#${i}`] = name;
    if (before) values[`:b${i}`] = before;
    if (after) values[`:a${i}`] = after;
    conditions.push(before ? `#${i} = :b${i}` : `attribute_not_exists(#${i})`);
    if (after) sets.push(`#${i} = :a${i}`);
    else removals.push(`#${i}`);
  }
  const { guard = {} } = write;
  for (const [i, [name, value]] of Object.entries(guard).entries()) {
    names[`#g${i}`] = name;
    values[`:g${i}`] = value;
    conditions.push(`#g${i} = :g${i}`);
  }
  for (const [i, name] of (write.guard ? absentOf(guard, touchedNames(write)) : []).entries()) {
    names[`#n${i}`] = name;
    conditions.push(`attribute_not_exists(#n${i})`);
  }
  const parts = [
    ...(sets.length > 0 ? [`SET ${sets.join(', ')}`] : []),
    ...(removals.length > 0 ? [`REMOVE ${removals.join(', ')}`] : []),
  ];
  return {
    UpdateExpression: parts.join(' '),
    ConditionExpression: conditions.join(' AND '),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  };
}
