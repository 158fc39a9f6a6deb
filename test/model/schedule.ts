import fc from 'fast-check';
import { FAULT_KINDS } from './fault-kinds.ts';
import { history, seldom } from './history.ts';

const fault = fc.record({
  kind: fc.constantFrom(...FAULT_KINDS),
  /** The first call that it can befall from this one on, counted within the invocation. */
  call: fc.integer({ min: 1, max: 6 }),
  /** How many calls of others overtake one that is slow, or lands after its consumer has given it up. */
  overtakenBy: fc.integer({ min: 1, max: 12 }),
});
export type Fault = typeof fault extends fc.Arbitrary<infer T> ? T : never;

const batchSize = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 8 }) },
  { weight: 1, arbitrary: fc.integer({ min: 9, max: 70 }) },
);

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

const invocation = fc.record({
  shard: fc.nat(5),
  size: batchSize,
  /**
   * Given: what the shard has delivered already comes once more, beginning so many records before its batch.
   * While the shard's own invocation runs, that is a second consumer on the same batch.
   */
  again: seldom(3, fc.nat(12), undefined),
  /** What comes once more comes as from somebody's hand: newest first, and then all of it again. */
  jumbled: seldom(4, fc.constant(true), false),
  /** The mapping was made again: what is not done with is cut into other batches, newer records among them. */
  recut: fc.boolean(),
  /** A new process takes over, that knows nothing of the one before. */
  replaced: fc.boolean(),
  /** So little time is left that nothing is tried twice. */
  hurried: seldom(6, fc.constant(true), false),
  /** By how many milliseconds the consumer's clock is off. */
  clock: seldom(4, fc.integer({ min: -3 * DAY, max: 3 * DAY }), 0),
  faults: fc.array(fault, { maxLength: 3 }),
});
export type PlannedInvocation = typeof invocation extends fc.Arbitrary<infer T> ? T : never;

/** A history, and everything that happens to its stream on the way into the projection. */
export const schedule = fc.record({
  history,
  /** The invocations of a round run at the same time. */
  rounds: fc.array(fc.array(invocation, { minLength: 1, maxLength: 3 }), { maxLength: 6 }),
  /** Which of the calls that wait goes first, turn by turn; at the end always the oldest. */
  order: fc.array(fc.nat(5), { maxLength: 40 }),
  /** Before this call, counters are compared with heads, in the midst of everything. */
  glanceBefore: fc.integer({ min: 1, max: 30 }),
  /** The batches in which the rest of the stream is delivered, with no more faults. */
  restSize: batchSize,
  /** In this round somebody merges the slots of the counters. */
  mergedIn: fc.integer({ min: 1, max: 6 }),
  /** How many write units a second a key range of the table takes; without end where it is undefined. */
  capacity: seldom(3, fc.integer({ min: 5, max: 100 }), undefined),
  /** When all is done, all of it comes once more. */
  repeated: fc.boolean(),
  /** For what a consumer leaves to chance. */
  seed: fc.nat(),
});
export type Schedule = typeof schedule extends fc.Arbitrary<infer T> ? T : never;
