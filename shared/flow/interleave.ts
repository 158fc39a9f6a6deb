/**
 * The items of several sequences as they arrive, with a limited number of sequences at once; a new one begins when another
 * ends. It holds one item of each sequence that has begun.
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
    // Everything that was started ends before the caller continues; its errors no longer matter to anybody.
    await Promise.allSettled(running.values());
    await Promise.allSettled([...running.keys()].map((sequence) => sequence.return()));
  }
}

function nextOf<T>(sequence: AsyncGenerator<T, void>) {
  const next = sequence.next().then((result) => ({ sequence, result }));
  // The next race throws its error. If it fails before that, while the caller is busy with an item, Node must not end.
  next.catch(() => {});
  return next;
}
