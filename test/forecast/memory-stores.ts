import type { Stores } from '../../infra/simulator/pipeline.ts';
import type { TableItem } from '../../infra/simulator/table.ts';
import { isFileKey } from './flow-meter.ts';

/** Called with each change of a file's stored status; undefined stands for no record. */
export type OnStatus = (id: string, before: string | undefined, after: string | undefined) => void;

/** Stores of the simulated pipeline in memory: they make it possible to play days with tens of thousands of files in seconds. */
export function memoryStores(onStatus: OnStatus): Stores {
  return { table: memoryTable(onStatus), objects: memoryObjects() };
}

interface Keys {
  readonly date_prefix: string;
  readonly file_key: string;
}

function memoryTable(onStatus: OnStatus): Stores['table'] {
  const items = new Map<string, TableItem>();
  const byStatus = new Map<string, Set<string>>();
  let writes = 0;
  const idOf = ({ date_prefix, file_key }: Keys) => `${date_prefix} ${file_key}`;
  const set = (keys: Keys, item: TableItem | undefined): true => {
    const id = idOf(keys);
    const [before, after] = [items.get(id)?.status, item?.status] as (string | undefined)[];
    if (item) items.set(id, item);
    else items.delete(id);
    if (before !== undefined) byStatus.get(before)?.delete(id);
    if (after !== undefined) byStatus.set(after, (byStatus.get(after) ?? new Set()).add(id));
    if (isFileKey(keys.file_key)) onStatus(id, before, after);
    if (item) writes += 1;
    return true;
  };
  const isOver = (item: TableItem | undefined, nowMillis: number) => Number(item?.ttl) * 1_000 <= nowMillis;
  return {
    async insert(item, nowMillis) {
      const known = items.get(idOf(item));
      return (!known || isOver(known, nowMillis)) && set(item, item);
    },
    put: async (item) => void set(item, item),
    async update(keys, { set: changes, expected = {}, isUnconditional = false }) {
      const known = items.get(idOf(keys));
      const isAsExpected = Object.entries(expected).every(([name, value]) => known?.[name] === value);
      if (!isUnconditional && !(known && isAsExpected)) return false;
      const { date_prefix, file_key } = keys;
      return set(keys, { ...known, ...changes, date_prefix, file_key });
    },
    async unlock(keys, holder) {
      return items.get(idOf(keys))?.locked_by === holder && set(keys, undefined);
    },
    async expire(keys, nowMillis) {
      return isOver(items.get(idOf(keys)), nowMillis) && set(keys, undefined);
    },
    get: async (keys) => items.get(idOf(keys)),
    withStatus: async (stored) => [...(byStatus.get(stored) ?? [])].flatMap((id) => items.get(id) ?? []),
    writes: () => writes,
  };
}

function memoryObjects(): Stores['objects'] {
  const objects = new Map<string, string>();
  return {
    async put(bucket, key, body) {
      objects.set(`${bucket}/${key}`, typeof body === 'string' ? body : '');
    },
    read: async (bucket, key) => objects.get(`${bucket}/${key}`),
    remove: async (bucket, key) => void objects.delete(`${bucket}/${key}`),
    // Nothing expires within the played days.
    putMillis: () => undefined,
  };
}
