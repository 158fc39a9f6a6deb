/** When an agent continues, in milliseconds since the epoch. */
export interface Pause {
  readonly atMillis: number;
  /** Nothing is happening in the meantime, as in the days until an object expires. */
  readonly isIdle?: boolean;
}

/** Something that acts, pauses and acts again: an upload, a builder, an execution, an expiry. */
export type Agent<Result = void> = AsyncGenerator<Pause, Result, void>;

/** Lets agents act in the order of their times; for equal times, in the order in which they were added. */
export interface Agenda {
  start(agent: Agent, from: Pause): void;
  /** Does one thing at its time. */
  later(act: () => Promise<void>, pause: Pause): void;
  /** Lets all agents act whose time has come by then, and the agents that these start. */
  runUntil(toMillis: number, signal?: AbortSignal): Promise<void>;
  /** Lets all agents act until only idle ones are left. With endless arrivals, it never ends. */
  runUntilIdle(signal?: AbortSignal): Promise<void>;
  /** How many agents are active, without idle ones. */
  busy(): number;
  /** The time of the agent that is acting or acted last; after `runUntil`, the end of that. */
  now(): number;
}

interface Entry {
  /** Acts, and returns when to continue, if it does. */
  readonly act: () => Promise<Pause | undefined>;
  readonly pause: Pause;
  readonly order: number;
}

/**
 * @param atATime how many agents may act together once their time has come; 1 gives the same history each time, more keeps up
 * with a running clock
 */
export function createAgenda(startMillis: number, atATime = 1): Agenda {
  const entries = createHeap();
  let clock = startMillis;
  let order = 0;
  let busy = 0;
  const put = (act: Entry['act'], pause: Pause) => {
    order += 1;
    if (!pause.isIdle) busy += 1;
    entries.push({ act, pause, order });
  };
  const perform = async ({ act, pause }: Entry) => {
    if (!pause.isIdle) busy -= 1;
    clock = Math.max(clock, pause.atMillis);
    const next = await act();
    if (next) put(act, next);
  };
  const run = async (goesOn: (next: Entry) => boolean) => {
    for (;;) {
      const due: Entry[] = [];
      for (let next = entries.first(); next && due.length < atATime && goesOn(next); next = entries.first()) {
        entries.shift();
        due.push(next);
      }
      if (due.length === 0) return;
      await Promise.all(due.map(perform));
    }
  };
  return {
    start: (agent, from) => put(() => nextPause(agent), from),
    later: (act, pause) => put(async () => void (await act()), pause),
    async runUntil(toMillis, signal) {
      await run(({ pause }) => !signal?.aborted && pause.atMillis <= toMillis);
      if (!signal?.aborted) clock = Math.max(clock, toMillis);
    },
    runUntilIdle: (signal) => run(() => !signal?.aborted && busy > 0),
    busy: () => busy,
    now: () => clock,
  };
}

async function nextPause(agent: Agent): Promise<Pause | undefined> {
  const { done, value } = await agent.next();
  return done ? undefined : value;
}

interface Heap {
  first(): Entry | undefined;
  push(entry: Entry): void;
  shift(): void;
}

/** A binary heap, since thousands of expiries wait in it. */
function createHeap(): Heap {
  const heap: Entry[] = [];
  const swap = (a: number, b: number) => {
    const [first, second] = [heap[a], heap[b]];
    if (first && second) [heap[a], heap[b]] = [second, first];
  };
  const goesBefore = (a: number, b: number) => {
    const [first, second] = [heap[a], heap[b]];
    return first !== undefined && second !== undefined && isBefore(first, second);
  };
  const sink = (from: number) => {
    let least = from;
    for (const child of [2 * from + 1, 2 * from + 2]) if (goesBefore(child, least)) least = child;
    if (least === from) return;
    swap(from, least);
    sink(least);
  };
  return {
    first: () => heap[0],
    push(entry) {
      heap.push(entry);
      for (let at = heap.length - 1; at > 0; ) {
        const parent = Math.floor((at - 1) / 2);
        if (!goesBefore(at, parent)) return;
        swap(at, parent);
        at = parent;
      }
    },
    shift() {
      const last = heap.pop();
      if (last === undefined || heap.length === 0) return;
      heap[0] = last;
      sink(0);
    },
  };
}

function isBefore(one: Entry, other: Entry): boolean {
  const difference = one.pause.atMillis - other.pause.atMillis;
  return difference === 0 ? one.order < other.order : difference < 0;
}
