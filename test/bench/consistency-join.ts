import { type PairingSources, pairPage, type TrackedFile } from '../../shared/consistency/pairing.ts';
import { realName } from '../../shared/pipeline/names.ts';
import { watchHeap } from './heap-watch.ts';
import { BUCKET, sourcesOf } from './join-keys.ts';

/** The cost of pairing objects with as many records. */
export interface JoinCost {
  /** The number of keys on each side. */
  readonly keys: number;
  readonly seconds: number;
  /** Keys of both sides together. */
  readonly keysPerSecond: number;
  /** The most memory held at any time, without garbage. */
  readonly liveMegabytes: number;
  readonly pairs: number;
  /** Names that sort differently in bucket and table, so that each has to be looked up individually. */
  readonly lookups: number;
}

type Pair = (sources: PairingSources, look: () => void) => Promise<Pick<JoinCost, 'pairs' | 'lookups'>>;

const SLICE = { keys: 100_000, waiting: 30_000 };

/** Measures time and memory in separate runs, because measuring memory takes time. */
export async function measureJoin(keys: number, pair: Pair): Promise<JoinCost> {
  const begun = performance.now();
  const paired = await pair(sourcesOf(keys), () => undefined);
  const seconds = (performance.now() - begun) / 1_000;
  const memory = watchHeap();
  await pair(sourcesOf(keys, memory.look), memory.look);
  return {
    keys,
    seconds,
    keysPerSecond: (2 * keys) / seconds,
    liveMegabytes: memory.mostMegabytes(),
    ...paired,
  };
}

/** How the audit does it: both sides in order, page by page. */
export async function mergeJoin(sources: PairingSources) {
  let lookups = 0;
  let pairs = 0;
  let after: string | undefined = '';
  while (after !== undefined) {
    const slice = await pairPage(sources, after, SLICE, { inputBucket: BUCKET, readsOf: () => 1 });
    const alone = slice.unpaired.flatMap((group) => group.objects).length;
    lookups += alone + slice.unpaired.flatMap((group) => group.records).length;
    pairs += slice.objects - alone;
    after = slice.next;
  }
  return { pairs, lookups };
}

/** How a script would do it: all records in memory, and each object looked up among them. */
export async function mapJoin(sources: PairingSources, look: () => void) {
  const records = new Map<string, TrackedFile>();
  for await (const file of sources.tracked('')) records.set(realName(file.file_key), file);
  look();
  let pairs = 0;
  for await (const { name } of sources.objects('')) if (records.has(name)) pairs += 1;
  return { pairs, lookups: 0 };
}
