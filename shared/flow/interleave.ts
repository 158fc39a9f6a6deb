/**
 * The items of several sequences as they come, so many sequences at once; a new one begins when another ends. It holds
 * an item of each that has begun.
 */
export async function* interleave<T>(
  sequences: Iterable<AsyncGenerator<T, void>>,
  concurrency: number,
): AsyncGenerator<T, void> {
  const waiting = [...sequences];
  const running = new Map<AsyncGenerator<T, void>, ReturnType<typeof nextOf<T>>>();
  try {
    for (;;) {
      for (const sequence of waiting.splice(0, concurrency - running.size)) {
        running.set(sequence, nextOf(sequence));
      }
      if (running.size === 0) return;
      const { sequence, result } = await Promise.race(running.values());
      if (result.done) {
        running.delete(sequence);
        continue;
      }
      running.set(sequence, nextOf(sequence));
      yield result.value;
    }
  } finally {
    // What is under way has ended before anybody goes on, and its errors are nobody's any more.
    await Promise.allSettled(running.values());
    await Promise.allSettled([...running.keys()].map((sequence) => sequence.return()));
  }
}

async function nextOf<T>(sequence: AsyncGenerator<T, void>) {
  return { sequence, result: await sequence.next() };
}
