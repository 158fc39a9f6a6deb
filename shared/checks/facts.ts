import type { TrackingRecord } from '../files/tracking-table.ts';
import type { ManifestName, ManifestSighting } from './manifest.ts';
import type { Location } from './object-name.ts';
import type { OutputFacts } from './outputs.ts';
import type { Sighting } from './sighting.ts';

/** What is known of a file's manifest. */
export interface ManifestFacts {
  /** What the file's record says. */
  readonly name: ManifestName;
  /** Undefined when the record names no object. */
  readonly object: ObjectFacts | undefined;
  /** The `MANIFEST#` record, where there is one. */
  readonly record: TrackingRecord | undefined;
}

type ObjectFacts =
  | (Extract<ManifestSighting, { found: 'yes' }> & {
      /** Whether it lists the file. */ readonly lists: boolean;
    })
  | Exclude<ManifestSighting, { found: 'yes' }>;

/** What is known of the object that a `MANIFEST#` record follows. */
export interface ContentsFacts {
  readonly location: Location;
  readonly object: ManifestSighting;
}

/** What was looked at for a record; what is undefined would not have mattered. */
export interface Facts {
  readonly record: TrackingRecord;
  readonly manifest?: ManifestFacts | undefined;
  readonly contents?: ContentsFacts | undefined;
  readonly outputs?: OutputFacts | undefined;
  readonly input?: Sighting | undefined;
  /** The copy in the quarantine bucket. */
  readonly copy?: Sighting | undefined;
}
