import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Deps, Table } from '../aws/deps.ts';

/** What holding a lease needs. */
export interface LeaseDeps extends Pick<Deps, 'projection'> {
  /** Milliseconds since the epoch; read again for every renewal. */
  clock(): number;
  /** Waits; rejects immediately if the signal is aborted. */
  pause(millis: number, signal: AbortSignal): Promise<unknown>;
}

/** What is leased, and who holds it. */
export interface LeaseClaim {
  readonly job: 'orphan-sweep';
  /** The id of the request: Lambda gives its own retries the id of the first attempt. */
  readonly holder: string;
}

/** How an attempt to work under a lease ended. */
export type Leased<T> =
  /** `retried` if an earlier attempt of the same request had failed. */
  | { readonly kind: 'done'; readonly result: T; readonly retried: boolean }
  /** Another invocation is working; `until` is when its lease ends unless renewed, in milliseconds. */
  | { readonly kind: 'busy'; readonly holder: string; readonly until: number }
  /** The same request is already done: it was delivered twice. */
  | { readonly kind: 'repeated' };

/** The stored lease. Only a held one keeps others out, and only until its time. */
interface LeaseItem {
  readonly holder: string;
  readonly state: 'held' | 'done' | 'failed';
  readonly until: number;
}

// Lambda waits a minute before it retries; by then, the lease of a process that died has ended.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
const LEASE_MILLIS = 45_000;
const RENEWAL_MILLIS = 15_000;

/**
 * Does work that nobody else may do at the same time. Functions on a schedule are invoked asynchronously: Lambda retries an
 * event that failed, and may deliver one twice even if it did not fail. The lease is renewed during the work, so a lease
 * left by a crash ends soon, and one of a long run does not.
 *
 * @param work its signal is aborted if the lease is lost, which stops it after the current step
 * @throws whatever the work throws; the lease is then free
 */
export async function withLease<T>(
  claim: LeaseClaim,
  deps: LeaseDeps,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<Leased<T>> {
  const taken = await takeLease(claim, deps);
  if (taken.kind !== 'taken') return taken;
  const over = new AbortController();
  const lost = new AbortController();
  const renewing = renewUntil(over.signal, claim, deps).catch((error) => lost.abort(error));
  const end = async (state: LeaseItem['state']) => {
    over.abort();
    await renewing;
    await putHeld(deps.projection, claim, { holder: claim.holder, state, until: 0 });
  };
  try {
    const result = await work(lost.signal);
    await end('done');
    return { kind: 'done', result, retried: taken.retried };
  } catch (error) {
    // The error of the work is what matters; a lease that cannot be given back ends by itself.
    await end('failed').catch(() => undefined);
    throw error;
  }
}

// An invocation lasts at most 15 minutes, and a failed one is retried within two.
const LONG_LEASE_MILLIS = 20 * 60_000;

/**
 * Takes a lease for the work of many invocations. It lasts longer than an invocation and the pause before the next one.
 * Each invocation extends it by the same time when it begins, so it need not be renewed in between.
 *
 * @returns who else holds it; undefined if this holder has it
 */
export async function takeLongLease(
  { job, holder }: LeaseClaim,
  { projection, clock }: LongLeaseDeps,
): Promise<string | undefined> {
  const now = clock();
  const put = new PutCommand({
    TableName: projection.name,
    Item: { ...keyOf(job), holder, state: 'held', until: now + LONG_LEASE_MILLIS },
    ConditionExpression: 'attribute_not_exists(pk) OR #until <= :now OR holder = :holder',
    ExpressionAttributeNames: { '#until': 'until' },
    ExpressionAttributeValues: { ':now': now, ':holder': holder },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  try {
    await projection.docs.send(put);
    return undefined;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException) || !error.Item) throw error;
    return (unmarshall(error.Item) as LeaseItem).holder;
  }
}

type LongLeaseDeps = Pick<LeaseDeps, 'projection' | 'clock'>;

/** Extends a lease that was taken for many invocations. @throws Error if somebody else holds it by now, or it was given back */
export async function keepLongLease(claim: LeaseClaim, { projection, clock }: LongLeaseDeps): Promise<void> {
  const { holder } = claim;
  const isKept = await putHeld(projection, claim, {
    holder,
    state: 'held',
    until: clock() + LONG_LEASE_MILLIS,
  });
  if (!isKept) throw new Error(`${holder} no longer holds the lease of ${claim.job}.`);
}

/** Gives back a lease that was held over many invocations, unless somebody else has it by now. */
export async function endLongLease(
  claim: LeaseClaim,
  { projection }: Pick<LeaseDeps, 'projection'>,
): Promise<void> {
  await putHeld(projection, claim, { holder: claim.holder, state: 'done', until: 0 });
}

type Taken = { readonly kind: 'taken'; readonly retried: boolean };

async function takeLease({ job, holder }: LeaseClaim, deps: LeaseDeps): Promise<Taken | Leased<never>> {
  const now = deps.clock();
  try {
    const { Attributes } = await deps.projection.docs.send(
      new PutCommand({
        TableName: deps.projection.name,
        Item: { ...keyOf(job), holder, state: 'held', until: now + LEASE_MILLIS },
        ConditionExpression:
          'attribute_not_exists(pk) OR (#until <= :now AND NOT (holder = :holder AND #state = :done))',
        ExpressionAttributeNames: { '#until': 'until', '#state': 'state' },
        ExpressionAttributeValues: { ':now': now, ':holder': holder, ':done': 'done' },
        ReturnValues: 'ALL_OLD',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return { kind: 'taken', retried: Attributes?.holder === holder };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException) || !error.Item) throw error;
    const found = unmarshall(error.Item) as LeaseItem;
    return found.state === 'done'
      ? { kind: 'repeated' }
      : { kind: 'busy', holder: found.holder, until: found.until };
  }
}

/** Returns when the work is over. @throws if the lease could not be renewed in time */
async function renewUntil(over: AbortSignal, claim: LeaseClaim, deps: LeaseDeps): Promise<void> {
  for (;;) {
    await deps.pause(RENEWAL_MILLIS, over).catch(() => undefined);
    if (over.aborted) return;
    const until = deps.clock() + LEASE_MILLIS;
    const kept = await putHeld(deps.projection, claim, { holder: claim.holder, state: 'held', until });
    if (!kept) throw new Error('Another invocation has taken over the lease.');
  }
}

/** Overwrites this holder's lease. @returns false if this holder no longer has it */
async function putHeld(table: Table, { job, holder }: LeaseClaim, item: LeaseItem): Promise<boolean> {
  const put = new PutCommand({
    TableName: table.name,
    Item: { ...keyOf(job), ...item },
    ConditionExpression: 'holder = :holder AND #state = :held',
    ExpressionAttributeNames: { '#state': 'state' },
    ExpressionAttributeValues: { ':holder': holder, ':held': 'held' },
  });
  return table.docs.send(put).then(
    () => true,
    (error: unknown) => {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    },
  );
}

function keyOf(job: LeaseClaim['job']) {
  return { pk: 'LEASE', sk: job };
}
