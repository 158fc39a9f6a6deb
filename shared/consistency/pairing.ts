import {
  bareName,
  isPlainName,
  type Location,
  parsePath,
  possibleKeys,
  realName,
} from '../pipeline/names.ts';
import { uriOf } from '../pipeline/storage.ts';
import type { Drift } from '../projection/drift.ts';
import { joinSorted, type Sequence } from './sorted-join.ts';
import { isUploadedAgain } from './uploaded-again.ts';

/** An object as a listing shows it. */
export interface ListedObject {
  /** Its key below the listed folder: a bare name, unless it is in a folder further down. */
  readonly name: string;
  readonly location: Location;
  /** Milliseconds since the epoch. */
  readonly modified: number;
  /** `never_told`: an input that S3 does not tell the pipeline about. */
  readonly place: 'input' | 'never_told' | 'quarantine';
}

/** What both tables know about one file. */
export interface TrackedFile {
  readonly file_key: string;
  readonly record?: TrackedRecord | undefined;
  /** How its head disagrees with its record. */
  readonly drift?: Drift | undefined;
  /** When its record expired after it had settled, if it did: older objects were left behind. */
  readonly doneAt?: number | undefined;
}

/** The relevant parts of a record. */
export interface TrackedRecord {
  readonly file_key: string;
  /** Where its object is, as it is stored there. */
  readonly path: string | undefined;
  /** An object that was uploaded later, in milliseconds since the epoch, is not the one that the record is about. */
  readonly takenAt?: number | undefined;
  /** A missing object means nothing: the file is settled, and its object is expected to be gone. */
  readonly mayBeAlone?: boolean | undefined;
}

/** The two sides of a date; each begins after a key. */
export interface PairingSources {
  objects(after: string): Sequence<ListedObject>;
  tracked(after: string): Sequence<TrackedFile>;
}

/** When a page ends: whichever comes first. */
export interface PageSize {
  readonly keys: number;
  /** Names without a partner yet: only they are held, and each that stays alone is looked up separately. */
  readonly waiting: number;
  /** Reads of the tracking table that looking these up, and files that have drifted, would take; no limit if left out. */
  readonly reads?: number;
  /** Asked after each name: whether time is up. */
  mustStop?(): boolean;
}

/** How objects are told apart, and what it takes to look one up. */
export interface PairingRules {
  readonly inputBucket: string;
  /** How many reads of the tracking table it takes to look for the record of an object that is alone. */
  readsOf(object: ListedObject): number;
}

// A repair looks twice.
const READS_OF_DRIFT = 2;

/** What did not pair, by real names. */
export interface Unpaired {
  readonly objects: readonly ListedObject[];
  readonly records: readonly TrackedRecord[];
}

/** A part of a date, in the byte order of keys. */
export interface PairedPage {
  readonly unpaired: readonly Unpaired[];
  /** Files whose heads disagree with their records. */
  readonly drifted: readonly { readonly file_key: string; readonly drift: Drift }[];
  readonly objects: number;
  readonly records: number;
  /** Objects that S3 never tells the pipeline about, and the first of them. */
  readonly neverTold: number;
  readonly neverToldSamples: readonly Location[];
  /** The key after which the next page begins; undefined at the end. */
  readonly next: string | undefined;
}

/** How many objects that S3 never tells about are shown. */
export const MOST_SAMPLES = 5;

/**
 * Pairs objects with records, from a key on. Names that are spelled alike in bucket and table meet in order. The others
 * sort differently on both sides: they wait for each other under their real names. An item that is left alone at the
 * end of a page may have its partner in another page, so being alone means nothing yet.
 */
export async function pairPage(
  sources: PairingSources,
  after: string,
  { keys: mostKeys, waiting: mostWaiting, reads: mostReads = Number.POSITIVE_INFINITY, mustStop }: PageSize,
  rules: PairingRules,
): Promise<PairedPage> {
  const waiting = waitingRoom(rules);
  const drifted: { file_key: string; drift: Drift }[] = [];
  const count = { objects: 0, records: 0, neverTold: 0 };
  const neverToldSamples: Location[] = [];
  let keys = 0;
  let next: string | undefined;
  const joined = joinSorted(
    sources.objects(after),
    sources.tracked(after),
    ({ name }) => name,
    ({ file_key }) => file_key,
  );
  for await (const { key, left, right } of joined) {
    const [file] = right;
    const told = left.filter(({ place }) => place !== 'never_told');
    for (const { place, location } of left) {
      if (place === 'input') count.objects += 1;
      if (place === 'never_told' && ++count.neverTold <= MOST_SAMPLES) neverToldSamples.push(location);
    }
    if (file?.record) count.records += 1;
    if (file?.drift) drifted.push({ file_key: key, drift: file.drift });
    waiting.add(key, told, file);
    keys += 1;
    const reads = waiting.reads() + drifted.length * READS_OF_DRIFT;
    if (keys >= mostKeys || waiting.size() >= mostWaiting || reads >= mostReads || mustStop?.()) {
      next = key;
      break;
    }
  }
  return { ...count, neverToldSamples, drifted, unpaired: waiting.unpaired(), next };
}

/** Whether an object is where its record says; for a record that says nothing, the name is enough. */
export function isAt(
  { path }: Pick<TrackedRecord, 'path'>,
  { location }: ListedObject,
  inputBucket: string,
): boolean {
  if (path === uriOf(location)) return true;
  const { bucket, key } = location;
  const named = parsePath(path, inputBucket);
  return !named || (named.bucket === bucket && possibleKeys(named.key).includes(key));
}

/** Objects and records that have not met yet, by real name. */
function waitingRoom({ inputBucket, readsOf }: PairingRules) {
  const byName = new Map<string, Waiting>();
  const readsFor = ({ objects: [object], records }: Waiting) =>
    (object ? readsOf(object) : 0) + records.filter(({ mayBeAlone }) => !mayBeAlone).length;
  let suspicious = 0;
  let reads = 0;
  const leave = (name: string, objects: readonly ListedObject[], records: readonly TrackedRecord[]) => {
    const met = byName.get(name) ?? NOBODY;
    const left = separate([...met.objects, ...objects], [...met.records, ...records], inputBucket);
    suspicious += Number(isSuspicious(left)) - Number(isSuspicious(met));
    reads += readsFor(left) - readsFor(met);
    if (left.objects.length + left.records.length > 0) byName.set(name, left);
    else byName.delete(name);
  };
  // By far the most common case; nothing is kept of it.
  const isPair = ([object, ...others]: readonly ListedObject[], record: TrackedRecord | undefined) =>
    object?.place === 'input' &&
    others.length === 0 &&
    record &&
    isAt(record, object, inputBucket) &&
    !isUploadedAgain(object.modified, record.takenAt);
  return {
    add(key: string, objects: readonly ListedObject[], file: TrackedFile | undefined) {
      const records = file?.record ? [file.record] : [];
      if (isPlainName(key)) {
        const done = file?.doneAt;
        const kept =
          done === undefined ? objects : objects.filter(({ modified }) => isUploadedAgain(modified, done));
        if (!isPair(kept, file?.record)) leave(key, kept, records);
        return;
      }
      for (const object of objects) leave(bareName(object.name), [object], []);
      for (const record of records) leave(realName(record.file_key), [], [record]);
    },
    size: () => suspicious,
    reads: () => reads,
    unpaired: (): Unpaired[] =>
      [...byName.values()].filter(isSuspicious).map(({ objects, records }) => ({
        objects,
        records: records.filter(({ mayBeAlone }) => !mayBeAlone),
      })),
  };
}

interface Waiting {
  readonly objects: ListedObject[];
  readonly records: TrackedRecord[];
}

const NOBODY: Waiting = { objects: [], records: [] };

/** Whether it must be looked up when it stays alone. */
function isSuspicious({ objects, records }: Waiting): boolean {
  return objects.length > 0 || records.some(({ mayBeAlone }) => !mayBeAlone);
}

/** Removes what belongs together: a record with its object and its copies. What was uploaded again stays. */
function separate(objects: ListedObject[], records: TrackedRecord[], inputBucket: string): Waiting {
  if (objects.length === 0 || records.length === 0) return { objects, records };
  const owner = (object: ListedObject) => records.find((record) => isAt(record, object, inputBucket));
  const inputs = objects.filter(({ place }) => place === 'input');
  const owned = new Set(inputs.map(owner));
  return {
    objects: inputs.filter((object) => {
      const record = owner(object);
      return !record || isUploadedAgain(object.modified, record.takenAt);
    }),
    records: records.filter((record) => !owned.has(record)),
  };
}
