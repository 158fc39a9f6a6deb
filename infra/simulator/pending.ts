import pMap from 'p-map';
import { storedStatus } from '../../shared/pipeline/status.ts';
import type { RecordKeys } from './record-keys.ts';
import type { PipelineTable } from './table.ts';

/** A pending file as its record has it. */
export interface PendingFile extends RecordKeys {
  /** As stored, with its shard suffix. */
  readonly status: string;
  /** Undefined in a record that another program put without one. */
  readonly file_path?: string | undefined;
}

/**
 * The pending files of the table. They are read from its index once in a while, which finds those that an operator
 * put back; in between the agents keep the list right with what they do themselves, for a query at each of thousands
 * of uploads would be slow.
 */
export interface PendingFiles {
  /** Lets the next reading ask the table again. */
  forget(): void;
  /** Those of each date, dates and keys in order. */
  byDate(): Promise<Map<string, PendingFile[]>>;
  add(file: PendingFile): void;
  remove(keys: RecordKeys): void;
}

const CONCURRENCY = 12;

/**
 * A shard that the settings do not have is never asked for: files with other suffixes are not found.
 *
 * @param onFound told of every file that a reading of the table finds
 */
export function createPendingFiles(
  table: PipelineTable,
  shards: number,
  onFound: (keys: RecordKeys) => void,
): PendingFiles {
  const suffixes = ['', ...Array.from({ length: shards }, (_, shard) => `#${shard}`)];
  let known: Map<string, PendingFile> | undefined;
  return {
    forget() {
      known = undefined;
    },
    async byDate() {
      if (!known) {
        known = await readPending(table, suffixes);
        for (const file of known.values()) onFound(file);
      }
      return grouped([...known.values()]);
    },
    add(file) {
      if (suffixes.some((suffix) => file.status === storedStatus('pending', suffix)))
        known?.set(idOf(file), file);
    },
    remove: (keys) => void known?.delete(idOf(keys)),
  };
}

async function readPending(table: PipelineTable, suffixes: string[]): Promise<Map<string, PendingFile>> {
  const read = (suffix: string) => table.withStatus(storedStatus('pending', suffix));
  const items = (await pMap(suffixes, read, { concurrency: CONCURRENCY })).flat();
  const files = items.filter(({ file_key }) => !/^MANIFEST(#|$)/.test(file_key));
  return new Map(files.map((item) => [idOf(item), pendingFile(item)]));
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

function grouped(files: PendingFile[]): Map<string, PendingFile[]> {
  files.sort((one, other) => (idOf(one) < idOf(other) ? -1 : 1));
  const dates = new Map<string, PendingFile[]>();
  for (const file of files) dates.set(file.date_prefix, [...(dates.get(file.date_prefix) ?? []), file]);
  return dates;
}

function idOf({ date_prefix, file_key }: RecordKeys): string {
  return `${date_prefix} ${file_key}`;
}
