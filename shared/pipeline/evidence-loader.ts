import type { Deps } from '../aws/deps.ts';
import { cached } from '../flow/cache.ts';
import { runningOfDate } from './execution.ts';
import { type JobReport, manifestPlace, spanOf } from './job-report.ts';
import { createReportFinder, type ReportCheck } from './job-reports.ts';
import { copyLocations, inputLocations } from './layout.ts';
import { isListed, type ManifestCheck, type ManifestName, manifestName, readManifest } from './manifest.ts';
import { bareName, type Location } from './names.ts';
import {
  checkOutputPlace,
  jobSpan,
  listOutputs,
  type OutputFacts,
  type OutputPlace,
  outputLocations,
  outputsWithin,
} from './outputs.ts';
import { MANIFEST_OF_DATE, manifestKey } from './record.ts';
import { checkAnyOf, checkObject, type ObjectCheck } from './storage.ts';
import { type RecordKey, readRecord, type TrackingRecord } from './tracking-table.ts';

/** What looking for evidence works on. */
export type EvidenceDeps = Pick<Deps, 'tracking' | 'storage' | 'profile' | 'now'>;

/** What is known about a file's manifest. */
export interface ManifestFacts {
  /** What the file's record says. */
  readonly name: ManifestName;
  /** Undefined when the record names no object. */
  readonly object: ObjectFacts | undefined;
  /** The `MANIFEST#` record, where there is one. */
  readonly record: TrackingRecord | undefined;
  /** The record of its date, if there is no other and it says that this manifest's job runs. */
  readonly ofDate?: TrackingRecord | undefined;
}

type ObjectFacts =
  | (Extract<ManifestCheck, { found: 'yes' }> & {
      /** Whether it lists the file. */
      readonly lists: boolean;
    })
  | Exclude<ManifestCheck, { found: 'yes' }>;

/** What is known about the object of a `MANIFEST#` record. */
export interface ContentsFacts {
  readonly location: Location;
  readonly object: ManifestCheck;
}

/** Loads what a record points to. Each object is loaded once, however many records point to it. */
export interface EvidenceLoader {
  /** @param again reads the manifest's record once more, for a verdict that depends on it */
  manifestOf(record: TrackingRecord, again?: 'again'): Promise<ManifestFacts>;
  /** The object of a `MANIFEST#` record. */
  contentsOf(record: TrackingRecord): Promise<ContentsFacts | undefined>;
  /** The report of its job; undefined when the record names no manifest. */
  reportOf(record: TrackingRecord, manifest: ManifestFacts): Promise<ReportCheck | undefined>;
  /** @param report of its job: when that ran, and where else to look if there is nothing where it is expected */
  outputsOf(
    record: TrackingRecord,
    manifest: ManifestFacts | undefined,
    report?: JobReport,
  ): Promise<OutputFacts>;
  /** Whether there is any output, of whatever date, in the expected places. */
  outputPlace(): Promise<OutputPlace>;
  inputOf(record: TrackingRecord): Promise<ObjectCheck>;
  /** The copy in the quarantine bucket. */
  copyOf(record: TrackingRecord): Promise<ObjectCheck>;
}

// Weights: number of URIs for manifests, of objects for outputs, 1 for anything else. Together some hundred megabytes.
const MANIFEST_URIS = 500_000;
const OUTPUT_OBJECTS = 500_000;
const OTHERS = 50_000;

export function createEvidenceLoader({ tracking, storage, profile, now }: EvidenceDeps): EvidenceLoader {
  const { s3, buckets } = storage;
  const manifestAt = cached((place) => readManifest(s3, locationOf(place)), {
    most: MANIFEST_URIS,
    weightOf: (manifest) => 1 + (manifest.found === 'yes' ? manifest.contents.files : 0),
  });
  const outputsAt = cached((place) => listOutputs(s3, locationOf(place)), {
    most: OUTPUT_OBJECTS,
    weightOf: (listing) => 1 + (listing.found === 'yes' ? listing.written.length : 0),
  });
  const one = { most: OTHERS, weightOf: () => 1 };
  const objectAt = cached((place) => checkObject(s3, locationOf(place)), one);
  const recordAt = cached((key) => readRecord(tracking, JSON.parse(key)), one);
  const placeAt = cached(() => checkOutputPlace(s3, buckets.output, profile), one);
  const reportOn = createReportFinder(s3, buckets.manifest, profile);
  const see = (locations: readonly Location[]) =>
    checkAnyOf((location) => objectAt(placeOf(location)), locations);

  return {
    async manifestOf(record, again) {
      const name = manifestName(record.manifest_path, buckets.manifest);
      if (name.kind !== 'object') return { name, object: undefined, record: undefined };
      const read = (key: RecordKey) => (again ? readRecord(tracking, key) : recordAt(JSON.stringify(key)));
      const [object, manifestRecord] = await Promise.all([
        manifestAt(placeOf(name.location)),
        readManifestRecord(read, record, name.location),
      ]);
      const { date_prefix } = record;
      const ofDate = manifestRecord ? undefined : await read({ date_prefix, file_key: MANIFEST_OF_DATE });
      return {
        name,
        object: withListing(object, inputLocations(record, storage, profile)),
        record: manifestRecord,
        ofDate: runningOfDate(ofDate, name.location.key),
      };
    },
    async contentsOf(record) {
      const name = manifestName(record.manifest_path, buckets.manifest);
      if (name.kind !== 'object') return undefined;
      return { location: name.location, object: await manifestAt(placeOf(name.location)) };
    },
    async reportOf(record, { name, record: manifestRecord }) {
      if (name.kind !== 'object') return undefined;
      return reportOn(manifestPlace(name.location), jobSpan(record, manifestRecord, now), now);
    },
    async outputsOf(record, manifest, report) {
      const span = (report && spanOf(report)) ?? jobSpan(record, manifest?.record, now);
      const others = report?.outputs ?? [];
      const list = (locations: readonly Location[]) =>
        Promise.all(
          locations.map(async (location) => ({ location, listing: await outputsAt(placeOf(location)) })),
        );
      const usual = await list(outputLocations(record, buckets.output, profile));
      const outputs = outputsWithin(usual, span);
      if (outputs.found !== 'none' || others.length === 0) return outputs;
      return outputsWithin([...usual, ...(await list(others))], span);
    },
    outputPlace: () => placeAt(''),
    inputOf: (record) => see(inputLocations(record, storage, profile)),
    copyOf: (record) => see(copyLocations(record, storage, profile)),
  };
}

/**
 * A manifest has a record under the date of its files and its own name. The one record that older builders keep for
 * each date is about none of them: every execution of the date writes its status, whichever manifest it names.
 */
async function readManifestRecord(
  read: (key: RecordKey) => Promise<TrackingRecord | undefined>,
  { date_prefix }: TrackingRecord,
  { key }: Location,
): Promise<TrackingRecord | undefined> {
  const own = manifestKey(date_prefix, bareName(key));
  return own && read(own);
}

function withListing(object: ManifestCheck, candidates: readonly Location[]): ManifestFacts['object'] {
  return object.found === 'yes' ? { ...object, lists: isListed(object.contents, candidates) } : object;
}

function placeOf({ bucket, key }: Location): string {
  return `${bucket}/${key}`;
}

function locationOf(place: string): Location {
  const slash = place.indexOf('/');
  return { bucket: place.slice(0, slash), key: place.slice(slash + 1) };
}
