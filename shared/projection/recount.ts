import { createHash } from 'node:crypto';
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import type { SenderPath } from '../settings/index-profile.ts';
import type { ApplyDeps } from './apply.ts';
import { countersIn, readWhole } from './counter-items.ts';
import type { CounterChange } from './counter-kind.ts';
import { negated, sumChanges } from './counter-kinds.ts';
import { addCounts, addTo, bothOf } from './counter-writes.ts';
import type { CountDelta, CounterItem } from './counters.ts';
import type { WriteItem } from './head-writes.ts';
import { countHeads, type HeadCount, heldIn, writesOf } from './held-counters.ts';

/** How the counters of a date, or of everything, differ from what they count. */
export interface CounterDrift {
  /** Undefined for the counters of everything. */
  readonly date_prefix: string | undefined;
  /** What must be added to each status count; empty if they are exact. */
  readonly missing: CountDelta;
  /** The same for all other counters. */
  readonly missingElsewhere: readonly CounterChange[];
  /** False if files moved while they were counted: then nothing is known, and nothing may be repaired. */
  readonly quiet: boolean;
  /** How often these counters were repaired before: the guard of the next repair. */
  readonly repairs: number;
  /** Heads of the date from an older version that are not counted by their current state. */
  readonly outdated: readonly RecordKey[];
}

/**
 * Counts the heads of a date and compares. Everything that is applied raises an arrival counter or the number of a counter's
 * writes, so if the counters are the same before and after, the count in between is of one moment.
 *
 * @param senders how senders are found; by default, they are not counted
 */
export async function recountDate(
  table: Table,
  date_prefix: string,
  senders?: SenderPath,
): Promise<CounterDrift> {
  const before = await countersPrint(table, date_prefix);
  return compareCounts(table, date_prefix, await countHeads(table, date_prefix, senders), before);
}

/** A short fingerprint that changes whenever something of a date is counted. */
export async function countersPrint(table: Table, date_prefix: string): Promise<string> {
  return fingerprint(await readWhole(table, date_prefix, 'consistent'));
}

/**
 * Compares the counters of a date with its heads.
 *
 * @param before the counters' fingerprint from before the first head was counted
 */
export async function compareCounts(
  table: Table,
  date_prefix: string,
  { held, outdated }: HeadCount,
  before: string,
): Promise<CounterDrift> {
  const after = await readWhole(table, date_prefix, 'consistent');
  const differences = sumChanges([...held, ...heldIn(after, date_prefix).map(negated)]);
  return {
    date_prefix,
    ...byPart(differences),
    quiet: before === fingerprint(after),
    repairs: countersIn(after).repairs,
    outdated,
  };
}

/** What counters lack, split in the way a repair adds it. */
export function byPart(
  differences: readonly CounterChange[],
): Pick<CounterDrift, 'missing' | 'missingElsewhere'> {
  return {
    missing: differences.find(({ part }) => part === '')?.add ?? {},
    missingElsewhere: differences.filter(({ part }) => part !== ''),
  };
}

/** Everything that is missing, by readable names. */
export function missingIn({ missing, missingElsewhere }: CounterDrift): CountDelta {
  const elsewhere = missingElsewhere.flatMap(({ part, add }) =>
    Object.entries(add).map(([attribute, amount]) => [`${part} ${attribute}`, amount] as const),
  );
  return { ...missing, ...Object.fromEntries(elsewhere) };
}

/**
 * Adds what is missing to the counters. Additions commute with those of the stream, so the stream may keep flowing; of two
 * repairs that found the same drift, only one succeeds.
 *
 * @returns false if another repair came first, a consumer was in the way, or there is nothing to repair
 */
export async function repairCounters(
  drift: CounterDrift,
  { projection, now }: Pick<ApplyDeps, 'projection' | 'now'>,
): Promise<boolean> {
  if (!drift.quiet || Object.keys(missingIn(drift)).length === 0) return false;
  const { name } = projection;
  const { missingElsewhere } = nextCorrection(drift);
  const others = missingElsewhere.map((change) => addTo(name, change, 0, { asOf: undefined, now }));
  try {
    const TransactItems = [guarded(name, drift, now), ...others];
    await projection.docs.send(new TransactWriteCommand({ TransactItems }));
    return true;
  } catch (error) {
    // Another repair came first, or a consumer is writing to the same slot: the next repair tries again.
    if (error instanceof TransactionCanceledException && isOvertaken(error)) return false;
    throw error;
  }
}

/** The part of what is missing that one call of `repairCounters` adds; another recount finds the rest. Pure. */
export function nextCorrection(drift: CounterDrift): CounterDrift {
  return { ...drift, missingElsewhere: drift.missingElsewhere.slice(0, MOST_AT_ONCE) };
}

// A transaction may have 100 actions.
const MOST_AT_ONCE = 90;

function guarded(table: string, drift: CounterDrift, now: number): WriteItem {
  const delta = { ...drift.missing, repairs: 1 };
  const { Update } = addCounts(table, drift.date_prefix, 0, { delta, asOf: undefined, now });
  if (!Update) throw new Error('Counts are added by an update.');
  return {
    Update: {
      ...Update,
      ConditionExpression: bothOf(
        Update.ConditionExpression,
        drift.repairs > 0 ? '#repairs = :seen' : 'attribute_not_exists(#repairs)',
      ),
      ExpressionAttributeNames: { ...Update.ExpressionAttributeNames, '#repairs': 'repairs' },
      ExpressionAttributeValues: {
        ...Update.ExpressionAttributeValues,
        ...(drift.repairs > 0 && { ':seen': drift.repairs }),
      },
    },
  };
}

function isOvertaken({ CancellationReasons = [] }: TransactionCanceledException): boolean {
  const codes = CancellationReasons.flatMap(({ Code }) =>
    Code === undefined || Code === 'None' ? [] : [Code],
  );
  return codes.length > 0 && codes.every((code) => OVERTAKEN.has(code));
}

const OVERTAKEN = new Set(['ConditionalCheckFailed', 'TransactionConflict']);

function fingerprint(items: readonly CounterItem[]): string {
  const { file, manifest, arrivals, repairs } = countersIn(items);
  const all = JSON.stringify([file, manifest, arrivals, repairs, writesOf(items)]);
  return createHash('sha256').update(all).digest('base64url');
}
