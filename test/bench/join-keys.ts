import type { ListedObject, PairingSources, TrackedFile } from '../../shared/consistency/pairing.ts';
import { eventSpelling } from '../../shared/pipeline/names.ts';
import { compareBytes } from '../../shared/text/byte-order.ts';

export const BUCKET = 'input';
const FOLDER = 'pipeline/input/2026-11-23/';
/** Names as the simulated pipeline makes them; the weights add up to 100. */
const KINDS = [
  { start: '2026-11-23-test', weight: 89 },
  { start: '2026-11-23 with space ', weight: 3 },
  { start: '2026-11-23+plus&more-', weight: 3 },
  { start: '2026-11-23-caf\u00e9-', weight: 3 },
  { start: '2026-11-23-100%#', weight: 2 },
];
const LOOK_EVERY = 20_000;

/**
 * A date whose objects and records are the same files, generated when they are read: without S3 or a table.
 *
 * @param look called from time to time while objects are read
 */
export function sourcesOf(keys: number, look?: () => void): PairingSources {
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

function tracked(file_key: string): TrackedFile {
  return { file_key, record: { file_key, path: `s3://${BUCKET}/${FOLDER}${file_key}` } };
}

/** All names as one side spells and sorts them; none is kept in memory. */
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
      if (look && number % LOOK_EVERY === 0) look();
      yield make(keyOf(start, number));
    }
  }
}
