import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Table } from '../aws/deps.ts';
import { Refused } from '../text/refused.ts';
import type { Change, ChangeProgress, ChangeState, Resumption } from './change.ts';
import {
  CHANGES_PARTITION,
  type ChangeItem,
  changeItem,
  changeKey,
  readChangeItem,
  UPKEEP_PARTITION,
} from './change-items.ts';
import type { ChangeDeps } from './context.ts';

/** Stores a new change; if its id is taken, the existing one is returned and left as it is. */
export function createChange(table: Table, change: Change): Promise<Change> {
  return create(table, change, CHANGES_PARTITION);
}

/** The same for a note of who maintained the projection: it has its own partition, for those who may do so. */
export function createUpkeep(table: Table, note: Change): Promise<Change> {
  return create(table, note, UPKEEP_PARTITION);
}

async function create(table: Table, change: Change, partition: string): Promise<Change> {
  try {
    await table.docs.send(
      new PutCommand({
        TableName: table.name,
        Item: changeItem(change, partition),
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return change;
  } catch (error) {
    return foundInstead(error);
  }
}

/**
 * One change, read consistently; undefined when there is none of that id. A note of upkeep is not a change: whoever may
 * write those may change no file, so nothing is ever run, or taken for approved, because of one.
 */
export function readChange(table: Table, id: string): Promise<Change | undefined> {
  return readFrom(table, id, CHANGES_PARTITION);
}

async function readFrom(table: Table, id: string, partition: string): Promise<Change | undefined> {
  const { Item } = await table.docs.send(
    new GetCommand({ TableName: table.name, Key: changeKey(id, partition), ConsistentRead: true }),
  );
  return Item && readChangeItem(Item as ChangeItem);
}

/**
 * A change to resume or undo.
 *
 * @throws Refused when there is none of that id, or it changed another table
 */
export async function requireChange({ tracking, projection }: Tables, id: string): Promise<Change> {
  return checked(await readChange(projection, id), id, tracking);
}

/**
 * A change or a note of upkeep, only to be shown.
 *
 * @throws Refused when there is none of that id, or it is about another table
 */
export async function requireListed({ tracking, projection }: Tables, id: string): Promise<Change> {
  const listed = (await readChange(projection, id)) ?? (await readFrom(projection, id, UPKEEP_PARTITION));
  return checked(listed, id, tracking);
}

type Tables = Pick<ChangeDeps, 'tracking' | 'projection'>;

function checked(change: Change | undefined, id: string, tracking: Tables['tracking']): Change {
  if (!change) {
    throw new Refused(
      'CHANGE_NOT_FOUND',
      `There is no change ${id}.`,
      'List the changes (changes.ts, list_changes) to find its id; each environment has its own.',
    );
  }
  if (change.table !== tracking.name) throw otherTableRefused('change', change.table, tracking.name);
  return change;
}

/** For a plan or a change that was made for another table; both are named by ARN where the names are the same. */
export function otherTableRefused(
  what: 'plan' | 'change',
  made: string | undefined,
  here: string | undefined,
): Refused {
  return new Refused(
    'OTHER_TABLE',
    `The ${what} was made for table ${made}, but the target is ${here}.`,
    'Choose the environment that it was made for, or plan again for this one.',
  );
}

/** The state that a change takes, and what is stored with it; undefined removes it. */
export interface ChangeOutcome
  extends Partial<
    Pick<Change, 'files' | 'counts' | 'stopCause' | 'progress' | 'stages' | 'rate' | 'closedBy'>
  > {
  readonly state: ChangeState;
  readonly resumedBy?: Resumption;
}

/** A step of a change from one of these states to another. */
export interface ChangeStep extends ChangeOutcome {
  readonly from: readonly ChangeState[];
  /** How many stages it must have so far; any number when left out. */
  readonly stagesSoFar?: number;
}

/** Takes a step, if the change is in one of the states where it begins; returns the change as it is then. */
export async function moveChange(table: Table, id: string, step: ChangeStep): Promise<Change> {
  try {
    const { Attributes } = await table.docs.send(
      new UpdateCommand({
        TableName: table.name,
        Key: changeKey(id),
        ...stepExpressions(step),
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return readChangeItem(Attributes as ChangeItem);
  } catch (error) {
    return foundInstead(error);
  }
}

/**
 * Stores how far a change has come.
 *
 * @throws Refused when it was closed in the meantime: whoever runs it has to stop
 */
export async function noteProgress(
  table: Table,
  id: string,
  state: 'preparing' | 'applying',
  progress: ChangeProgress,
): Promise<void> {
  // A late note about preparing must not undo the fact that it is already being applied.
  const from = state === 'preparing' ? (['preparing'] as const) : (['applying', 'stopped'] as const);
  const change = await moveChange(table, id, { from, state, progress });
  if (change.state === 'closed') throw changeClosed(change);
}

/** Stores until when a change is being run. @throws Error where there is no such change */
export async function noteBusy(table: Table, id: string, busyUntil: string): Promise<void> {
  await table.docs.send(
    new UpdateCommand({
      TableName: table.name,
      Key: changeKey(id),
      UpdateExpression: 'SET busyUntil = :until',
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeValues: { ':until': busyUntil },
    }),
  );
}

/** The refusal of a change that cannot be resumed. */
export function changeClosed({ id }: Pick<Change, 'id'>): Refused {
  return new Refused(
    'CHANGE_CLOSED',
    `The change ${id} was undone or closed before it was done, and cannot be resumed.`,
    'Make a new plan for the files that still have to be changed.',
  );
}

/** A page of changes, newest first, and the id to continue after if there may be more. */
export interface ChangePage {
  readonly changes: readonly Change[];
  readonly next: string | undefined;
}

/** From both partitions: ids sort in the order in which changes were made. */
export async function listChanges(table: Table, limit: number, after?: string): Promise<ChangePage> {
  const parts = await Promise.all(
    [CHANGES_PARTITION, UPKEEP_PARTITION].map((partition) => listFrom(table, partition, limit, after)),
  );
  // A page may end before its limit: what comes after its last one is not known yet.
  const least = parts.map(({ next }) => next ?? '').reduce((a, b) => (a > b ? a : b));
  const known = parts.flatMap(({ changes }) => changes).filter(({ id }) => id >= least);
  const changes = known.sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limit);
  const isAll = parts.every(({ next }) => next === undefined) && changes.length === known.length;
  return { changes, next: isAll ? undefined : changes.at(-1)?.id };
}

async function listFrom(
  table: Table,
  partition: string,
  limit: number,
  after: string | undefined,
): Promise<ChangePage> {
  const { Items = [], LastEvaluatedKey } = await table.docs.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': partition },
      ExclusiveStartKey: after === undefined ? undefined : changeKey(after, partition),
      ScanIndexForward: false,
      Limit: limit,
    }),
  );
  return {
    changes: Items.map((item) => readChangeItem(item as ChangeItem)),
    next: LastEvaluatedKey?.sk as string | undefined,
  };
}

function stepExpressions({ from, stagesSoFar, resumedBy, ...step }: ChangeStep) {
  const fields = Object.entries(step);
  const sets = fields.filter(([, value]) => value !== undefined).map(([name]) => `#${name} = :${name}`);
  const removals = fields.filter(([, value]) => value === undefined).map(([name]) => `#${name}`);
  const resumption = resumedBy && { ':none': [], ':resumed': [resumedBy] };
  if (resumption) sets.push('resumedBy = list_append(if_not_exists(resumedBy, :none), :resumed)');
  return {
    UpdateExpression: `SET ${sets.join(', ')}${removals.length > 0 ? ` REMOVE ${removals.join(', ')}` : ''}`,
    ConditionExpression: `#state IN (${from.map((_, i) => `:from${i}`).join(', ')})${stagesCondition(stagesSoFar)}`,
    ExpressionAttributeNames: Object.fromEntries(fields.map(([name]) => [`#${name}`, name])),
    ExpressionAttributeValues: {
      ...Object.fromEntries(fields.map(([name, value]) => [`:${name}`, value])),
      ...Object.fromEntries(from.map((state, i) => [`:from${i}`, state])),
      ...resumption,
      ...(stagesSoFar && { ':stagesSoFar': stagesSoFar }),
    },
  };
}

/** For a step that replaces the stages. */
function stagesCondition(soFar: number | undefined): string {
  if (soFar === undefined) return '';
  return soFar === 0 ? ' AND attribute_not_exists(#stages)' : ' AND size(#stages) = :stagesSoFar';
}

/** The item because of which a condition failed comes in raw form, whichever client sent the write. */
function foundInstead(error: unknown): Change {
  if (!(error instanceof ConditionalCheckFailedException) || !error.Item) throw error;
  return readChangeItem(unmarshall(error.Item) as ChangeItem);
}
