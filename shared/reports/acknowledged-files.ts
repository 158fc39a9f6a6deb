import pMap from 'p-map';
import type { Deps } from '../aws/deps.ts';
import { type RawAttributes, type RecordKey, readRawRecord } from '../pipeline/tracking-table.ts';
import { versionOf } from '../pipeline/version.ts';
import {
  type AcknowledgedFile,
  type Acknowledgement,
  forgetEnded,
  isOfClass,
  readAcknowledgements,
} from './acknowledgements.ts';

const CONCURRENT_READS = 16;

/** The acknowledgements at one moment. */
export interface Acknowledged {
  /** All of them, whether they still apply or the record of their file has changed since. */
  readonly all: readonly Acknowledgement[];
  /** Those of files. */
  readonly files: readonly AcknowledgedFile[];
  readonly classes: ReadonlySet<string>;
  /**
   * The acknowledgement that applies to a file in its current state, if any. Only acknowledged files are read.
   *
   * @param kind of the finding on it; without it, only acknowledgements of the entire file count
   */
  ofFile(key: RecordKey, kind?: string): Promise<AcknowledgedFile | undefined>;
}

type AcknowledgedDeps = Pick<Deps, 'tracking' | 'projection' | 'now'>;

/** Reads the acknowledgements with one query. */
export async function readAcknowledged(deps: AcknowledgedDeps): Promise<Acknowledged> {
  const all = await readAcknowledgements(deps.projection, deps.now);
  const files = all.flatMap((each) => (isOfClass(each) ? [] : [each]));
  const byFile = new Map<string, AcknowledgedFile[]>();
  for (const each of files) byFile.set(keyText(each), [...(byFile.get(keyText(each)) ?? []), each]);
  return {
    all,
    files,
    classes: new Set(all.flatMap((each) => (isOfClass(each) ? [each.class] : []))),
    async ofFile(key, kind) {
      const meant = (byFile.get(keyText(key)) ?? []).filter(
        (each) => each.kind === undefined || each.kind === kind,
      );
      if (meant.length === 0) return undefined;
      const record = await readRawRecord(deps.tracking, key);
      return meant.find((each) => holds(each, record));
    },
  };
}

/** Whether the record is still the one that was acknowledged. */
export function holds({ version }: AcknowledgedFile, record: RawAttributes | undefined): boolean {
  return record !== undefined && versionOf(record) === version;
}

/** Those that still apply; the record of each file is read once. */
export async function filterHolding<A extends Acknowledgement>(
  { tracking }: Pick<Deps, 'tracking'>,
  all: readonly A[],
): Promise<A[]> {
  const files = new Map<string, RecordKey>();
  for (const each of all as readonly Acknowledgement[]) {
    if (!isOfClass(each)) files.set(keyText(each), each);
  }
  const read = async ([text, key]: [string, RecordKey]) =>
    [text, await readRawRecord(tracking, key)] as const;
  const records = new Map(await pMap(files, read, { concurrency: CONCURRENT_READS }));
  return all.filter((each: Acknowledgement) => isOfClass(each) || holds(each, records.get(keyText(each))));
}

/** Removes those whose files have changed since, unless they were acknowledged again. @returns how many it removed */
export async function forgetChanged(
  { tracking, projection }: Pick<Deps, 'tracking' | 'projection'>,
  all: readonly Acknowledgement[],
): Promise<number> {
  const holding = new Set(await filterHolding({ tracking }, all));
  const changed = all.flatMap((each) => (isOfClass(each) || holding.has(each) ? [] : [each]));
  const gone = await pMap(changed, (each) => forgetEnded(projection, each), {
    concurrency: CONCURRENT_READS,
  });
  return gone.filter(Boolean).length;
}

/** Names a record as the key of a map. */
export function keyText({ date_prefix, file_key }: RecordKey): string {
  return JSON.stringify([date_prefix, file_key]);
}
