import type { Footprint } from './footprint.ts';

/** A request that is under way. */
export interface Passage {
  /**
   * Ends it.
   *
   * @returns false when a write came between what a transactional read was reading
   */
  end(): boolean;
}

/** Which requests are under way on which items. */
export interface Conflicts {
  /** @returns the passage, or which of the items, by their place, somebody else has */
  begin(footprint: Footprint): Passage | { readonly taken: readonly number[] };
}

/**
 * The documented rules of conflicts:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling
 *
 * - "A PutItem, UpdateItem, or DeleteItem request for an item conflicts with an ongoing TransactWriteItems request that
 *   includes the same item."
 * - "An item within a TransactWriteItems request is part of another ongoing TransactWriteItems request."
 * - "An item within a TransactGetItems request is part of an ongoing TransactWriteItems, BatchWriteItem, PutItem,
 *   UpdateItem, or DeleteItem request."
 *
 * Who came first goes on. A plain read conflicts with nothing, two plain writes are put in a row.
 */
export function createConflicts(): Conflicts {
  const transactions = new Map<string, number>();
  const writes = new Map<string, number>();
  const readers = new Map<string, Set<{ spoilt: boolean }>>();
  const has = (counts: ReadonlyMap<string, number>, item: string) => (counts.get(item) ?? 0) > 0;

  function isTaken(kind: Footprint['kind'], item: string): boolean {
    if (kind === 'read') return false;
    return has(transactions, item) || (kind === 'transactional read' && has(writes, item));
  }

  function read(items: readonly string[]): Passage {
    const reader = { spoilt: false };
    for (const item of items) readers.set(item, (readers.get(item) ?? new Set()).add(reader));
    return {
      end: () => {
        for (const item of items) readers.get(item)?.delete(reader);
        return !reader.spoilt;
      },
    };
  }

  function write(counts: Map<string, number>, items: readonly string[]): Passage {
    for (const item of items) {
      counts.set(item, (counts.get(item) ?? 0) + 1);
      for (const reader of readers.get(item) ?? []) reader.spoilt = true;
    }
    return {
      end: () => {
        for (const item of items) counts.set(item, (counts.get(item) ?? 0) - 1);
        return true;
      },
    };
  }

  return {
    begin({ kind, items: touched }) {
      const items = touched.map(({ item }) => item);
      const taken = items.flatMap((item, i) => (isTaken(kind, item) ? [i] : []));
      if (taken.length > 0) return { taken };
      if (kind === 'read') return { end: () => true };
      if (kind === 'transactional read') return read(items);
      return write(kind === 'transaction' ? transactions : writes, items);
    },
  };
}
