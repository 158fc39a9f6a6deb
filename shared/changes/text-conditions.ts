import type { TrackingRecord } from '../pipeline/tracking-table.ts';

/** What a file is selected for beside its status, date, age and class. */
export interface TextConditions {
  /** Somewhere in the error message, in capitals or not. */
  readonly errorContains?: string | undefined;
  /** The manifest's name, its key, or its URI. */
  readonly manifest?: string | undefined;
}

/** Whether a record fulfils these conditions. Pure. */
export function isSelected({ errorContains, manifest }: TextConditions, record: TrackingRecord): boolean {
  if (errorContains !== undefined && !contains(record.error_message, errorContains)) return false;
  return manifest === undefined || isInManifest(record.manifest_path, manifest);
}

function contains(value: unknown, part: string): boolean {
  return typeof value === 'string' && value.toLowerCase().includes(part.toLowerCase());
}

/** Writers store a bare key or a URI; people say either, or the name alone. */
function isInManifest(path: unknown, manifest: string): boolean {
  if (typeof path !== 'string') return false;
  const key = objectKeyOf(path);
  const wanted = objectKeyOf(manifest);
  return key === wanted || key.endsWith(`/${wanted}`);
}

function objectKeyOf(path: string): string {
  return path.replace(/^s3:\/\/[^/]+\//, '');
}
