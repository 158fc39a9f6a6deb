import { bareName, isPlainName, type Location, parsePath, realName } from '../pipeline/names.ts';

/** Where rows say that they came from. */
export interface Source {
  /** As the column has it. */
  readonly uri: string;
  /** The object's bare name, as the URI spells it. */
  readonly name: string;
  /** Equal for all spellings of one object, and for names that differ only in `+` and blank. */
  readonly place: string;
  /** The bare name of `place`. */
  readonly plainest: string;
}

/**
 * Reads a source in whatever spelling: `s3://`, `s3a://` or `s3n://`, encoded like S3's events, like URIs, or not at
 * all. Anything else is taken literally.
 */
export function parseSource(uri: string): Source {
  const location = parsePath(uri, '') ?? { bucket: '', key: uri };
  const place = placeOf(location);
  return { uri, name: bareName(location.key), place, plainest: bareName(place) };
}

/** One spelling that stands for all spellings of one object. */
export function placeOf({ bucket, key }: Location): string {
  return `${bucket}/${plainestSpelling(key)}`;
}

// A name that still looks encoded after this many rounds was not made by an encoder.
const MOST_ROUNDS = 5;

/** Decodes until nothing is left to decode. Plain names are their own plainest spelling. */
export function plainestSpelling(spelled: string): string {
  let name = spelled;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const next = realName(name);
    if (next === name) break;
    name = next;
  }
  return name;
}

/** Whether a name sorts the same among records and among sources, and means only one file. */
export function isOneSpelling({ name }: Source): boolean {
  return isPlainName(name);
}
