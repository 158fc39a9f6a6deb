/** How much to remember: the weights of the values together, the longest unused forgotten first. */
interface Memory<V> {
  readonly most: number;
  chooseChange(value: V): number;
}

/**
 * A function that loads each key once and remembers the value. What is being loaded is shared too. A load
 * that fails is not remembered.
 */
export function cached<V>(
  load: (key: string) => Promise<V>,
  { most, chooseChange }: Memory<V>,
): (key: string) => Promise<V> {
  const values = new Map<string, { readonly value: Promise<V>; weight: number }>();
  let total = 0;
  const forget = (key: string) => {
    total -= values.get(key)?.weight ?? 0;
    values.delete(key);
  };
  const start = (key: string) => {
    const entry = { value: load(key), weight: 0 };
    entry.value.then(
      (value) => {
        if (values.get(key) !== entry) return;
        entry.weight = chooseChange(value);
        total += entry.weight;
        for (const oldest of values.keys()) {
          if (total <= most || oldest === key) break;
          forget(oldest);
        }
      },
      () => values.get(key) === entry && forget(key),
    );
    return entry;
  };
  return (key) => {
    const entry = values.get(key) ?? start(key);
    // The order of a map is that of insertion: what is used goes to its end.
    values.delete(key);
    values.set(key, entry);
    return entry.value;
  };
}
