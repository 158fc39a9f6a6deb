import pMap from 'p-map';
import { storedStatus } from '../../shared/pipeline/status.ts';
import type { RecordKeys } from './record-keys.ts';
import type { PipelineTable } from './table.ts';

/** A pending file, from its record. */
export interface PendingFile extends RecordKeys {
  /** As stored, with its shard suffix. */
  readonly status: string;
  /** Undefined in a record that another program put without one. */
  readonly file_path?: string | undefined;
}

/**
 * The pending files of the table. They are read from its index now and then, which finds those that an operator reset. In
 * between, the agents update the list with what they do themselves, because a query at each of thousands of uploads would be
 * slow.
 */
export interface PendingFiles {
  /** Makes the next call read the table again. */
  forget(): void;
  /** Those of each date, dates and keys in order. */
  byDate(): Promise<ReadonlyMap<string, readonly PendingFile[]>>;
  add(file: PendingFile): void;
  remove(keys: RecordKeys): void;
}

const CONCURRENCY = 12;

/**
 * Only the shards of the settings are queried: files with other suffixes are not found.
 *
 * @param onFound told of every file that a reading of the table finds
 */
export function createPendingFiles(
  table: PipelineTable,
  shards: number,
  onFound: (keys: RecordKeys) => void,
): PendingFiles {
  const suffixes = ['', ...Array.from({ length: shards }, (_, shard) => `#${shard}`)];
  let known: Map<string, PendingFile[]> | undefined;
  return {
    forget() {
      known = undefined;
    },
    async byDate() {
      if (!known) {
        const found = await readPending(table, suffixes);
        known = new Map();
        for (const file of found) insert(known, file);
        for (const file of found) onFound(file);
      }
      return new Map([...known].sort(([one], [other]) => (one < other ? -1 : 1)));
    },
    add(file) {
      if (known && suffixes.some((suffix) => file.status === storedStatus('pending', suffix)))
        insert(known, file);
    },
    remove(keys) {
      const files = known?.get(keys.date_prefix) ?? [];
      const place = placeOf(files, keys);
      if (files[place]?.file_key !== keys.file_key) return;
      files.splice(place, 1);
      if (files.length === 0) known?.delete(keys.date_prefix);
    },
  };
}

/** Keeps the files of a date sorted, because thousands of uploads ask for them while thousands are pending. */
function insert(dates: Map<string, PendingFile[]>, file: PendingFile): void {
  const files = dates.get(file.date_prefix) ?? [];
  const place = placeOf(files, file);
  files.splice(place, files[place]?.file_key === file.file_key ? 1 : 0, file);
  dates.set(file.date_prefix, files);
}

/** The index of a file of a date, or where it would be inserted. */
function placeOf(files: readonly PendingFile[], { file_key }: RecordKeys): number {
  let [from, to] = [0, files.length];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if ((files[middle]?.file_key ?? '') < file_key) from = middle + 1;
    else to = middle;
  }
  return from;
}

async function readPending(table: PipelineTable, suffixes: string[]): Promise<PendingFile[]> {
  const read = (suffix: string) => table.withStatus(storedStatus('pending', suffix));
  const items = (await pMap(suffixes, read, { concurrency: CONCURRENCY })).flat();
  return items.filter(({ file_key }) => !/^MANIFEST(#|$)/.test(file_key)).map(pendingFile);
}

function pendingFile({
  date_prefix,
  file_key,
  status,
  file_path,
}: Record<string, unknown> & RecordKeys): PendingFile {
  return {
    date_prefix,
    file_key,
    status: String(status),
    ...(typeof file_path === 'string' && { file_path }),
  };
}
