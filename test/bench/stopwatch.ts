/** How long something took, in seconds. */
export interface Taken {
  readonly seconds: number;
  /** Processor time of all threads of this process; other processes are not included. */
  readonly processor: number;
}

/** Adds up the time of several ways that take turns. */
export function createStopwatch<W extends string>() {
  const sums = new Map<W, Taken>();
  const taken = (way: W): Taken => sums.get(way) ?? { seconds: 0, processor: 0 };
  return {
    taken,
    async time<T>(way: W, work: () => T | Promise<T>): Promise<T> {
      const before = { seconds: performance.now() / 1_000, processor: processorSeconds() };
      const result = await work();
      const { seconds, processor } = taken(way);
      sums.set(way, {
        seconds: seconds + performance.now() / 1_000 - before.seconds,
        processor: processor + processorSeconds() - before.processor,
      });
      return result;
    },
  };
}

function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
}
