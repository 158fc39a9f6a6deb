import { createRandom, type Random } from '../../infra/simulator/random.ts';
import type { Change } from './change.ts';
import { type Consumer, createConsumer, type InvocationPlan } from './consumer.ts';
import { createMapping, type Mapping } from './mapping.ts';
import { mergeSlots } from './merger.ts';
import type { PlannedInvocation, Schedule } from './schedule.ts';
import { isShown } from './truth.ts';
import type { World } from './world.ts';

/** One shard of the stream, with the process that its mapping invokes at present. */
interface Shard {
  readonly mapping: Mapping;
  consumer: Consumer;
  /** An invocation of its mapping is under way. */
  busy: boolean;
}

/** With nothing going wrong any more, a batch is not done with: it would never be. */
export class ShardBlocked extends Error {
  override readonly name = 'ShardBlocked';
}

/**
 * Delivers a stream: first round by round as the schedule has it, then to its end with nothing going wrong.
 *
 * @throws ShardBlocked when it does not come to its end
 */
export async function deliver(
  { rounds, restSize, repeated, mergedIn, seed }: Schedule,
  changes: readonly Change[],
  world: World,
): Promise<void> {
  const stage = { world, newConsumer: consumers(world, createRandom(seed)) };
  const shards = shardsOf(changes, stage);
  const run = (invocations: readonly (Promise<unknown> | undefined)[]) =>
    world.turnstile.operate(Promise.all(invocations));

  const dates = [...new Set(changes.filter(isShown).map(({ date_prefix }) => date_prefix))];
  for (const [number, round] of rounds.entries()) {
    const invocations = round.map((plan) => invoke(plan, shards[plan.shard % shards.length], stage));
    await run([...invocations, mergedIn === number ? mergeSlots(dates, world) : undefined]);
  }
  world.calm();
  for (;;) {
    const open = shards.filter(({ mapping }) => !mapping.isDone());
    if (open.length === 0) break;
    await run(open.map((shard) => invokeUntroubled(shard, restSize, stage)));
  }
  if (repeated) await run(shards.map((shard) => invokeAgain(shard, EVERYTHING, stage)));
  await world.turnstile.empty();
}

const NO_TROUBLE = {
  again: undefined,
  jumbled: false,
  recut: false,
  replaced: false,
  hurried: false,
  clock: 0,
  faults: [],
};
const EVERYTHING = { ...NO_TROUBLE, again: Number.MAX_SAFE_INTEGER, size: Number.MAX_SAFE_INTEGER };

type Plan = InvocationPlan & Pick<PlannedInvocation, 'size' | 'again' | 'jumbled' | 'recut' | 'replaced'>;
type NewConsumer = () => Consumer;

/** What every invocation needs. */
interface Stage {
  readonly world: World;
  readonly newConsumer: NewConsumer;
}

function consumers(world: World, random: Random): NewConsumer {
  let count = 0;
  return () => {
    count += 1;
    return createConsumer(`consumer ${count}`, world, () => random.between(0, 1));
  };
}

function shardsOf(changes: readonly Change[], { newConsumer }: Stage): Shard[] {
  const numbers = [...new Set(changes.map(({ shard }) => shard))].sort((a, b) => a - b);
  return numbers.map((number) => {
    const records = changes.filter(({ shard }) => shard === number).map(({ record }) => record);
    return { mapping: createMapping(records), consumer: newConsumer(), busy: false };
  });
}

/** What a plan comes to depends on the shard: none is invoked twice at a time by its own mapping. */
function invoke(plan: Plan, shard: Shard | undefined, stage: Stage): Promise<unknown> | undefined {
  if (!shard) return undefined;
  const isNext = plan.again === undefined && !shard.busy && !shard.mapping.isDone();
  return isNext ? invokeNext(shard, plan, stage) : invokeAgain(shard, plan, stage);
}

/** With nothing going wrong a batch is done with at once, whatever happened before: nothing blocks a shard. */
async function invokeUntroubled(shard: Shard, size: number, stage: Stage): Promise<void> {
  const next = await invokeNext(shard, { ...NO_TROUBLE, size }, stage);
  if (next !== 'advance')
    throw new ShardBlocked(`a shard is blocked: its batch had no fault, and has to ${next}`);
}

async function invokeNext(shard: Shard, plan: Plan, stage: Stage): Promise<string> {
  const { mapping } = shard;
  const { tally } = stage.world;
  shard.busy = true;
  if (plan.replaced) replace(shard, stage);
  if (plan.recut && mapping.recut()) tally.add('batches cut again');
  const records = mapping.batch(plan.size);
  const { died, ...outcome } = await shard.consumer.invoke(records, plan);
  tally.add('invocation');
  const next = mapping.settle(outcome);
  tally.add(`batch: ${next}`);
  if (died) replace(shard, stage);
  shard.busy = false;
  return next;
}

function replace(shard: Shard, { newConsumer, world }: Stage): void {
  shard.consumer = newConsumer();
  world.tally.add('consumer replaced');
}

/** A process that should not be: a batch comes to it that was given to another, now or long ago. */
async function invokeAgain(shard: Shard, plan: Plan, { newConsumer, world }: Stage): Promise<void> {
  const window = shard.mapping.again(plan.again ?? 0, plan.size);
  if (window.length === 0) return;
  const records = plan.jumbled ? [...window].reverse().concat(window) : window;
  world.tally.add('invocation');
  if (plan.jumbled) world.tally.add('batch out of order');
  world.tally.add(shard.busy ? 'second consumer on a shard' : 'batch from long ago');
  await newConsumer().invoke(records, plan);
}
