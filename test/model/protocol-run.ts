import fc from 'fast-check';
import { apply, type Change, type Head, inOrder, type Projection, type Rules } from './protocol.ts';

/** A history of two files, and how its stream gets to the consumers. */
export const delivery = fc.record({
  steps: fc.array(
    fc.record({
      file: fc.nat(1),
      status: fc.constantFrom('pending', 'manifested', 'completed', undefined),
      /** Whether an hour has passed, and whether the record was touched in it, which leaves its status as it is. */
      later: fc.boolean(),
      touched: fc.boolean(),
    }),
    { minLength: 1, maxLength: 10 },
  ),
  /** After so many steps the stream is switched off and on. */
  restartAt: fc.nat(10),
  /** Batches, which may overlap and come in any order; each has a consumer of its own, and all run at once. */
  batches: fc.array(
    fc.record({
      from: fc.nat(9),
      length: fc.integer({ min: 1, max: 4 }),
      /** After so many steps its consumer dies. */
      diesAfter: fc.oneof(fc.nat(8), fc.constant(Number.POSITIVE_INFINITY)),
    }),
    { maxLength: 5 },
  ),
  /** Which consumer takes the next step; in the end one after the other. */
  order: fc.array(fc.nat(4), { maxLength: 30 }),
});
export type Delivery = typeof delivery extends fc.Arbitrary<infer T> ? T : never;

/** Delivers the batches, then once more what nobody has acknowledged, and tells what is wrong in the end. */
export function run(given: Delivery, rules: Rules): string[] {
  const stream = streamOf(given);
  const projection: Projection = { heads: new Map(), counters: new Map(), ages: new Map() };
  const acknowledged = new Set<Change>();
  const consumers = given.batches.map(({ from, length, diesAfter }) => {
    const batch = stream.slice(from, from + length);
    return { steps: consume(batch, projection, rules, acknowledged), left: diesAfter };
  });
  for (let turn = 0; consumers.length > 0; turn++) {
    const index = (given.order[turn] ?? 0) % consumers.length;
    const [consumer] = consumers.slice(index, index + 1);
    if (!consumer) break;
    if (consumer.left <= 0 || consumer.steps.next().done) consumers.splice(index, 1);
    consumer.left -= 1;
  }
  const rest = stream.filter((change) => !acknowledged.has(change));
  for (const _ of consume(rest, projection, rules, acknowledged));
  return problems(stream, projection, rules);
}

/** Applies a batch in its order, and acknowledges it when all of it is applied. */
function* consume(
  batch: readonly Change[],
  projection: Projection,
  rules: Rules,
  acknowledged: Set<Change>,
): Generator<void, void> {
  const acknowledge = () => {
    for (const change of batch) acknowledged.add(change);
  };
  if (!rules.has('redelivery')) acknowledge();
  for (const change of batch) {
    yield* apply(change, projection, rules);
    yield;
  }
  acknowledge();
}

/** Sequence numbers grow from one digit to two; those of the second stream begin below them. */
function streamOf({ steps, restartAt }: Delivery): Change[] {
  const statuses = new Map<number, string | undefined>();
  const since = new Map<number, number>();
  let hour = 0;
  return steps.flatMap(({ file, status: after, later, touched }, i) => {
    const before = statuses.get(file);
    if (later) hour += 1;
    const saidSince = touched ? hour : (since.get(file) ?? hour);
    if (before === after) return [];
    statuses.set(file, after);
    since.set(file, hour);
    const stream =
      i < restartAt ? { label: 'first', sequence: 7 + i } : { label: 'second', sequence: i - restartAt };
    return [{ file, before, after, hour, saidSince, ...stream }];
  });
}

/** Counters = heads = truth, and timelines complete, in order, each event once. */
function problems(stream: readonly Change[], { heads, counters, ages }: Projection, rules: Rules): string[] {
  const files = [...new Set([...stream.map(({ file }) => file), ...heads.keys()])];
  const live = files.map((file) => heads.get(file)?.status);
  const counted = new Set([...counters.keys(), ...live.flatMap((status) => status ?? [])]);
  return [
    ...files.flatMap((file) => {
      const changes = stream.filter((change) => change.file === file);
      const head = heads.get(file);
      const timeline = inOrder([...(head?.pages ?? []), ...(head?.inline ?? [])], rules);
      const isComplete =
        timeline.length === changes.length && changes.every((change, i) => change === timeline[i]);
      return [
        ...(head?.status === changes.at(-1)?.after ? [] : [`the head of file ${file} is wrong`]),
        ...(isComplete ? [] : [`the timeline of file ${file} is wrong`]),
      ];
    }),
    ...[...counted]
      .filter((status) => (counters.get(status) ?? 0) !== live.filter((other) => other === status).length)
      .map((status) => `the counter of ${status} is wrong`),
    ...wrongAges(
      files.flatMap((file) => heads.get(file) ?? []),
      ages,
    ),
  ];
}

function wrongAges(heads: readonly Head[], ages: ReadonlyMap<string, number>): string[] {
  const live = heads.filter(({ status }) => status !== undefined);
  const hours = new Set([...ages.keys(), ...live.map(({ hour }) => String(hour))]);
  return [...hours]
    .filter((hour) => (ages.get(hour) ?? 0) !== live.filter((head) => String(head.hour) === hour).length)
    .map((hour) => `the age of hour ${hour} is wrong`);
}
