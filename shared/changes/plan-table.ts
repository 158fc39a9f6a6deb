import { gunzipSync, gzipSync } from 'node:zlib';
import { GetCommand, PutCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';
import type { DateRange } from '../pipeline/status-index.ts';
import { Refused } from '../text/refused.ts';
import type { AdditionalFields } from './additional-fields.ts';
import type { Actor } from './change.ts';
import { entryLine, NO_ENTRIES, nextDigest, type Plan, type PlanEntry, type PlanHeader } from './plan.ts';
import type { PlanTally } from './plan-tally.ts';

// A stored plan is one item that describes it, and parts of some thousand entries each. All of them are removed after a
// while, by their ttl: what was applied is in the audit.

/** Which files a plan looks for, as stored with the plan. */
export interface PlanSelection {
  readonly statuses: readonly string[];
  readonly range?: DateRange | undefined;
  readonly olderThanHours?: number | undefined;
  readonly errorContains?: string | undefined;
  readonly failureClass?: string | undefined;
  readonly manifest?: string | undefined;
}

/** What a plan is for. Files that were named are planned for at once, and not stored here. */
export interface PlanRequest {
  readonly selection?: PlanSelection | undefined;
  readonly new_status: string;
  readonly additional_fields?: AdditionalFields | undefined;
  readonly force?: boolean | undefined;
  /** Maximum number of files planned for per second. */
  readonly rate: number;
}

/** A stored plan, without its entries. */
export interface StoredPlan {
  /** Also the id of the change that applies it: a plan is applied once. */
  readonly id: string;
  /** `planning`: it is still searching for files. */
  readonly state: 'planning' | 'planned';
  readonly header: PlanHeader;
  readonly actor: Actor;
  readonly request: PlanRequest;
  readonly files: number;
  readonly parts: number;
  /** Of all entries so far. */
  readonly digest: string;
  readonly tally: PlanTally;
  /** Where the search continues, as JSON; undefined at its beginning. */
  readonly cursor?: string | undefined;
}

/** Entries that were found together, and the plan including them. */
export interface PlanPart {
  readonly entries: readonly PlanEntry[];
  readonly plan: StoredPlan;
}

/** For so long a stored plan is kept, and may be applied. */
export const PLAN_DAYS_KEPT = 30;

/** @throws Error when there is one of that id, which is random */
export async function createPlan(table: Table, plan: StoredPlan): Promise<void> {
  await table.docs.send(
    new PutCommand({
      TableName: table.name,
      Item: planItem(plan),
      ConditionExpression: 'attribute_not_exists(pk)',
    }),
  );
}

/** @throws Refused when there is none, or it has expired */
export async function requirePlan(table: Table, id: string): Promise<StoredPlan> {
  const { Item } = await table.docs.send(
    new GetCommand({ TableName: table.name, Key: planKey(id), ConsistentRead: true }),
  );
  if (Item) return readPlanItem(Item);
  throw new Refused(
    'PLAN_NOT_FOUND',
    `There is no plan ${id}.`,
    `Plans are kept for ${PLAN_DAYS_KEPT} days, separately for each environment. Make a new one with plan_change.`,
  );
}

/**
 * Adds a part and updates the plan, both or neither: of two who plan at once, one adds nothing.
 *
 * @returns false when somebody else has added the same part
 */
export async function addPart(table: Table, { entries, plan }: PlanPart): Promise<boolean> {
  const before = plan.parts - 1;
  const part = {
    ...partKey(plan.id, before),
    first: plan.files - entries.length,
    content: gzipSync(entries.map(entryLine).join('')),
    digest: plan.digest,
    expires_at: expiryOf(plan),
  };
  const condition = {
    ConditionExpression: 'parts = :before',
    ExpressionAttributeValues: { ':before': before },
  };
  try {
    await table.docs.send(
      new TransactWriteCommand({
        TransactItems: [
          { Put: { TableName: table.name, Item: part } },
          { Put: { TableName: table.name, Item: planItem(plan), ...condition } },
        ],
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'TransactionCanceledException' && isConflict(error))
      return false;
    throw error;
  }
}

function isConflict(error: Error): boolean {
  return /ConditionalCheckFailed|TransactionConflict/.test(error.message);
}

/** A stored plan to be applied: its entries are read part by part, and each part is checked against its digest. */
export function planOfParts(table: Table, stored: StoredPlan): Plan {
  const { header, files, digest, tally } = stored;
  return {
    header,
    files,
    digest,
    forced: tally.forced,
    entries: (from = 0) => entriesOf(table, stored, from),
  };
}

async function* entriesOf(table: Table, plan: StoredPlan, from: number): AsyncGenerator<PlanEntry, void> {
  const start = await partWith(table, plan, from);
  let digest = start === 0 ? NO_ENTRIES : (await readPart(table, plan, start - 1)).digest;
  for (let number = start; number < plan.parts; number++) {
    const part = await readPart(table, plan, number);
    const entries = entriesIn(part);
    digest = entries.reduce(nextDigest, digest);
    if (digest !== part.digest) throw damaged(plan);
    yield* entries.slice(Math.max(0, from - part.first));
  }
  if (digest !== plan.digest) throw damaged(plan);
}

/** The part that has an entry, found by binary search: parts have different sizes. */
async function partWith(table: Table, plan: StoredPlan, entry: number): Promise<number> {
  let [low, high] = [0, plan.parts];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    const isBefore = (await readPart(table, plan, middle)).first <= entry;
    [low, high] = isBefore ? [middle, high] : [low, middle];
  }
  return low;
}

interface StoredPart {
  readonly first: number;
  readonly content: Uint8Array;
  readonly digest: string;
}

async function readPart(table: Table, plan: StoredPlan, number: number): Promise<StoredPart> {
  const { Item } = await table.docs.send(
    new GetCommand({ TableName: table.name, Key: partKey(plan.id, number), ConsistentRead: true }),
  );
  if (!Item) throw damaged(plan);
  return Item as unknown as StoredPart;
}

function entriesIn({ content }: StoredPart): PlanEntry[] {
  const lines = gunzipSync(content)
    .toString()
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as PlanEntry);
}

function damaged({ id }: StoredPlan): Refused {
  return new Refused(
    'INVALID_PLAN',
    `The plan ${id} is damaged: a part of it is missing or was changed.`,
    'Make a new one with plan_change.',
  );
}

function planKey(id: string) {
  return { pk: `PLAN#${id}`, sk: 'PLAN' };
}

function partKey(id: string, number: number) {
  return { pk: `PLAN#${id}`, sk: `PART#${String(number).padStart(6, '0')}` };
}

function planItem({ id, ...plan }: StoredPlan) {
  return { ...planKey(id), ...plan, expires_at: expiryOf(plan) };
}

function readPlanItem({ pk, sk: _sk, expires_at: _expires, ...plan }: Record<string, unknown>): StoredPlan {
  return { id: String(pk).slice('PLAN#'.length), ...(plan as Omit<StoredPlan, 'id'>) };
}

function expiryOf({ header }: Pick<StoredPlan, 'header'>): number {
  return Math.floor(Date.parse(header.created_at) / 1_000) + PLAN_DAYS_KEPT * 86_400;
}
