import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { compareBytes } from '../../shared/checks/byte-order.ts';
import { eventSpelling } from '../../shared/checks/object-name.ts';
import {
  type ListedObject,
  type PairingSources,
  pairSlice,
  type TrackedFile,
} from '../../shared/checks/pairing.ts';

/** What pairing so many objects with as many records cost. No S3 and no table are asked. */
export interface JoinCost {
  /** On each side. */
  readonly keys: number;
  readonly seconds: number;
  /** Of both sides. */
  readonly keysPerSecond: number;
  /** Most that was held at any time, garbage not counted. */
  readonly liveMegabytes: number;
  /** Names that sort differently in bucket and table, so that each has to be looked up by itself. */
  readonly lookups: number;
  readonly pairs: number;
}

const SLICE = { keys: 100_000, waiting: 30_000 };
const BUCKET = 'input';
const FOLDER = 'pipeline/input/2026-11-23/';
/** Names as the simulated pipeline makes them; the weights are out of 100. */
const KINDS = [
  { start: '2026-11-23-test', weight: 89 },
  { start: '2026-11-23 with space ', weight: 3 },
  { start: '2026-11-23+plus&more-', weight: 3 },
  { start: '2026-11-23-caf\u00e9-', weight: 3 },
  { start: '2026-11-23-100%#', weight: 2 },
];

export async function measureJoin(keys: number): Promise<JoinCost> {
  const begun = performance.now();
  const { lookups, pairs } = await pairAll(sourcesOf(keys));
  const seconds = (performance.now() - begun) / 1000;
  const memory = heapWatch();
  await pairAll(sourcesOf(keys, memory.look));
  const liveMegabytes = memory.most() / 1_048_576;
  return { keys, seconds, keysPerSecond: (2 * keys) / seconds, liveMegabytes, lookups, pairs };
}

async function pairAll(sources: PairingSources): Promise<{ lookups: number; pairs: number }> {
  let lookups = 0;
  let objects = 0;
  let after: string | undefined = '';
  while (after !== undefined) {
    const slice = await pairSlice(sources, after, SLICE, BUCKET);
    const alone = slice.unpaired.flatMap((group) => group.objects).length;
    lookups += alone + slice.unpaired.flatMap((group) => group.records).length;
    objects += slice.objects - alone;
    after = slice.next;
  }
  return { lookups, pairs: objects };
}

function sourcesOf(keys: number, look?: () => void): PairingSources {
  return {
    objects: (after) => sequence(keys, (name) => name, object, after, look),
    tracked: (after) => sequence(keys, eventSpelling, tracked, after),
  };
}

function object(name: string): ListedObject {
  return {
    name,
    location: { bucket: BUCKET, key: FOLDER + name },
    modified: 1_795_411_380_000,
    place: 'input',
  };
}

function tracked(fileKey: string): TrackedFile {
  return { fileKey, record: { fileKey, path: `s3://${BUCKET}/${FOLDER}${fileKey}` } };
}

const SAMPLE = 20_000;

/** All names as one side spells them, in the order in which it has them; none is held. */
async function* sequence<T>(
  keys: number,
  spell: (name: string) => string,
  make: (key: string) => T,
  after: string,
  look?: () => void,
): AsyncGenerator<T, void> {
  const kinds = KINDS.map(({ start, weight }) => ({ start, count: Math.round((keys * weight) / 100) }));
  const keyOf = (start: string, number: number) => spell(`${start}${String(number).padStart(8, '0')}.ndjson`);
  const ordered = kinds.sort((a, b) => compareBytes(spell(a.start), spell(b.start)));
  for (const { start, count } of ordered) {
    if (after !== '' && compareBytes(keyOf(start, count - 1), after) <= 0) continue;
    const isWithin = after.startsWith(spell(start));
    const first = isWithin ? Number(after.slice(spell(start).length, -'.ndjson'.length)) + 1 : 0;
    for (let number = first; number < count; number++) {
      if (look && number % SAMPLE === 0) look();
      yield make(keyOf(start, number));
    }
  }
}

/** Collects garbage before each look, so that what is seen is held. */
function heapWatch() {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let most = 0;
  return {
    look: () => {
      collect();
      most = Math.max(most, process.memoryUsage().heapUsed);
    },
    most: () => most,
  };
}
