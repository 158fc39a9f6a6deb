/** How much a cache keeps, as the sum of the weights of its values; a weight is above 0. */
interface CacheSize<V> {
  readonly most: number;
  weightOf(value: V): number;
}

/**
 * A function that loads each key once and keeps the value; the least recently used values are dropped first. Callers that
 * ask while a value is being loaded share that load. A failed load is not kept.
 */
export function cached<V>(
  load: (key: string) => Promise<V>,
  { most, weightOf }: CacheSize<V>,
): (key: string) => Promise<V> {
  const values = new Map<string, { readonly value: Promise<V>; weight: number }>();
  let total = 0;
  const drop = (key: string) => {
    total -= values.get(key)?.weight ?? 0;
    values.delete(key);
  };
  const start = (key: string) => {
    const entry = { value: load(key), weight: 0 };
    entry.value.then(
      (value) => {
        if (values.get(key) !== entry) return;
        entry.weight = weightOf(value);
        total += entry.weight;
        for (const [oldest, { weight }] of values) {
          if (total <= most) break;
          // What is still being loaded has no weight yet, and its callers share that load.
          if (oldest !== key && weight > 0) drop(oldest);
        }
      },
      () => values.get(key) === entry && drop(key),
    );
    return entry;
  };
  return (key) => {
    const entry = values.get(key) ?? start(key);
    // A map keeps the order of insertion, so a value that is used moves to the end.
    values.delete(key);
    values.set(key, entry);
    return entry.value;
  };
}
