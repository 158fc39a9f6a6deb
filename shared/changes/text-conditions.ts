import { isInManifest } from '../pipeline/in-manifest.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';

/** Conditions of a selection besides status, date, age and class. */
export interface TextConditions {
  /** A part of the error message, in any case. */
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
