import type { S3Client } from '@aws-sdk/client-s3';
import { bareName, type Location, parsePath, realName } from './names.ts';
import { describeFault, isMissing, readText } from './storage.ts';

/** What a record says about its manifest. */
export type ManifestName =
  /** Nothing: never claimed, or released. */
  | { readonly kind: 'none' }
  /** The builder's placeholder, which the manifest's path replaces once the manifest is written. */
  | { readonly kind: 'placeholder'; readonly text: string }
  | { readonly kind: 'object'; readonly location: Location };

const PLACEHOLDER = /^pending-manifest-/;

export function manifestName(path: unknown, manifestBucket: string): ManifestName {
  if (typeof path === 'string' && PLACEHOLDER.test(bareName(path)))
    return { kind: 'placeholder', text: path };
  const location = parsePath(path, manifestBucket);
  return location ? { kind: 'object', location } : { kind: 'none' };
}

/** The objects that a manifest lists. */
export interface ManifestContents {
  /** How many URIs it has. */
  readonly files: number;
  /** `bucket/key` in each spelling. */
  readonly places: ReadonlySet<string>;
  /** Folders, `bucket/key/`: everything in them is listed. */
  readonly folders: readonly string[];
}

/** The result of looking for a manifest object. */
export type ManifestCheck =
  | { readonly found: 'yes'; readonly contents: ManifestContents }
  | { readonly found: 'no' }
  | { readonly found: 'unknown'; readonly error: string };

// At some 100 bytes per file: far more files than any builder takes.
const MOST_BYTES = 20_000_000;

/** Reads a manifest object. Never throws because of S3, nor because of what is in the object. */
export async function readManifest(
  s3: S3Client,
  location: Location,
  mostBytes = MOST_BYTES,
): Promise<ManifestCheck> {
  try {
    const contents = parseManifest(await readText(s3, location, mostBytes));
    return contents ? { found: 'yes', contents } : { found: 'unknown', error: 'it is not a manifest' };
  } catch (error) {
    if (isMissing(error)) return { found: 'no' };
    return { found: 'unknown', error: describeFault(error) };
  }
}

/** @returns undefined when the text is not JSON with file locations */
export function parseManifest(text: string): ManifestContents | undefined {
  const locations = fileLocations(text);
  if (!locations) return undefined;
  const uris = locations.flatMap(({ URIPrefixes, URIs }) => [...texts(URIPrefixes), ...texts(URIs)]);
  const places = uris.flatMap((uri) => parsePath(uri, '') ?? []);
  const spellings = places.flatMap(({ bucket, key }) => [`${bucket}/${key}`, `${bucket}/${realName(key)}`]);
  return {
    files: uris.length,
    places: new Set(spellings),
    folders: spellings.filter((place) => place.endsWith('/')),
  };
}

/** Whether a manifest lists the object that may be at any of these places. */
export function isListed({ places, folders }: ManifestContents, candidates: readonly Location[]): boolean {
  return candidates.some(({ bucket, key }) => {
    const place = `${bucket}/${key}`;
    return places.has(place) || folders.some((folder) => place.startsWith(folder));
  });
}

interface FileLocation {
  readonly URIPrefixes?: unknown;
  readonly URIs?: unknown;
}

function fileLocations(text: string): readonly FileLocation[] | undefined {
  try {
    const { fileLocations } = JSON.parse(text) as { fileLocations?: unknown };
    return Array.isArray(fileLocations) ? fileLocations.filter((entry) => entry) : undefined;
  } catch {
    return undefined;
  }
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}
