import type { ManifestFiles } from '../../../shared/dashboard/manifest-files.ts';
import type { OneManifest } from '../../../shared/dashboard/read-manifest.ts';

/** A manifest without a record, with these files. */
export function manifestOf(files: ManifestFiles): OneManifest {
  return {
    date: '2026-11-23',
    name: 'batch-0001.json',
    path: undefined,
    records: { kind: 'read', value: { own: undefined, ofDate: undefined } },
    object: undefined,
    files: { kind: 'read', value: files },
    report: undefined,
    converted: { kind: 'read', value: undefined },
    rows: { kind: 'read', value: { proof: undefined, findings: new Map() } },
  };
}
