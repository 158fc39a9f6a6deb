import { bareName, isPlainName, type Location, parsePath, realName } from '../pipeline/names.ts';

/** Where rows say that they came from. */
export interface Source {
  /** As the column has it. */
  readonly uri: string;
  /** The object's bare name, as the URI spells it. */
  readonly name: string;
  /** The same for each spelling of one object; for names that differ in `+` and blank alone, too. */
  readonly place: string;
  /** The bare name of `place`. */
  readonly plainest: string;
}

/**
 * Reads a source in whatever spelling: `s3://`, `s3a://` or `s3n://`, encoded as S3's events are, as URIs are, or not at
 * all. What is no such URI is taken as it stands.
 */
export function parseSource(uri: string): Source {
  const location = parsePath(uri, '') ?? { bucket: '', key: uri };
  const place = placeOf(location);
  return { uri, name: bareName(location.key), place, plainest: bareName(place) };
}

/** One spelling for all of one object. */
export function placeOf({ bucket, key }: Location): string {
  return `${bucket}/${plainestSpelling(key)}`;
}

// A name that looks encoded after so many rounds is not one that an encoder has made.
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

/** Whether a name sorts among records as it does among sources, and means one file only. */
export function isOneSpelling({ name }: Source): boolean {
  return isPlainName(name);
}
