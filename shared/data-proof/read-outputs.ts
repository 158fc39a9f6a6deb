import pMap from 'p-map';
import type { Deps } from '../aws/deps.ts';
import { pages } from '../flow/pages.ts';
import type { Location } from '../pipeline/names.ts';
import { outputLocations } from '../pipeline/outputs.ts';
import { type ListedOutput, type ListingCursor, listOutputPage, type OutputKind } from './output-objects.ts';
import type { ReadMeter } from './ranged-object.ts';
import { type ObjectReading, readSources } from './read-sources.ts';

/** What was read of a date's output in one step. */
export interface ReadingPage {
  /** Of the objects that may hold rows. */
  readonly readings: readonly ObjectReading[];
  /** The others. */
  readonly passedOver: Readonly<Record<Exclude<OutputKind, 'rows'>, number>>;
  readonly next: ListingCursor | undefined;
}

/** How output is read. */
export interface ReadingSettings {
  /** Counts the requests to S3. */
  readonly meter: ReadMeter;
  /** An earlier reading of exactly the same object. */
  known(object: ListedOutput): ObjectReading | undefined;
  readonly objectsPerPage: number;
}

export const READING_START: ListingCursor = { place: 0, after: '' };

// Each waits for S3 most of the time; together they hold a few megabytes each.
const CONCURRENT_OBJECTS = 12;

/** The folders that hold the output of a date. */
export function outputPlaces(
  date_prefix: string,
  { storage, profile }: Pick<Deps, 'storage' | 'profile'>,
): readonly Location[] {
  return outputLocations({ date_prefix, file_key: '' }, storage.buckets.output, profile);
}

/** Reads the next objects of a date, several at once. Only the number of rows of each source is kept. */
export async function readOutputPage(
  { storage: { s3 } }: Pick<Deps, 'storage'>,
  places: readonly Location[],
  cursor: ListingCursor,
  { meter, known, objectsPerPage }: ReadingSettings,
): Promise<ReadingPage> {
  const { objects, next } = await listOutputPage(s3, places, cursor, objectsPerPage);
  const holders = objects.filter(({ kind }) => kind === 'rows');
  const readings = await pMap(
    holders,
    async (object) => known(object) ?? (await readSources(s3, object, meter)),
    { concurrency: CONCURRENT_OBJECTS },
  );
  const count = (wanted: OutputKind) => objects.filter(({ kind }) => kind === wanted).length;
  const passedOver = { marker: count('marker'), temporary: count('temporary'), empty: count('empty') };
  return { readings, passedOver, next };
}

/** What is in the output folders of a date, before any of it is read. */
export interface OutputSum {
  /** Those that may hold rows. */
  readonly objects: number;
  readonly bytes: number;
  /** Those of the objects that were read earlier. */
  readonly known: number;
}

const LISTED_PER_PAGE = 1_000;

/** Lists the output of a date, one request per thousand objects. */
export async function sumOutputs(
  deps: Pick<Deps, 'storage' | 'profile'>,
  date: string,
  known: ReadingSettings['known'],
): Promise<OutputSum> {
  const places = outputPlaces(date, deps);
  const load = (cursor: ListingCursor = READING_START) =>
    listOutputPage(deps.storage.s3, places, cursor, LISTED_PER_PAGE);
  const sum = { objects: 0, bytes: 0, known: 0 };
  for await (const page of pages(load)) {
    for (const object of page.objects) {
      if (object.kind !== 'rows') continue;
      sum.objects += 1;
      sum.bytes += object.size;
      if (known(object)) sum.known += 1;
    }
  }
  return sum;
}
