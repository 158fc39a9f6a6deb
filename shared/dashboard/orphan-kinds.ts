import type { OrphanKind } from '../orphans/verdict.ts';

/** The name of each kind of orphan, and what it means. */
export const KIND_TEXTS: Readonly<Record<OrphanKind, { readonly name: string; readonly meaning: string }>> = {
  stuck_in_pending: { name: 'Stuck in pending', meaning: 'Pending for longer than allowed.' },
  stuck_in_manifested: { name: 'Stuck in manifested', meaning: 'Manifested for longer than allowed.' },
  stuck_in_processing: { name: 'Stuck in processing', meaning: 'Processing for longer than allowed.' },
  stuck_manifests: {
    name: 'Stuck manifests',
    meaning: 'Manifests that have been waiting or running for longer than allowed.',
  },
  missing_manifests: {
    name: 'Missing manifests',
    meaning: 'The manifest named in the record does not exist, or the record names none.',
  },
  missing_outputs: {
    name: 'Missing outputs',
    meaning: 'Completed, but its job failed, wrote nothing or left no output.',
  },
  not_in_manifest: {
    name: 'Not in their manifest',
    meaning: 'Completed, but not listed in the manifest: never converted.',
  },
  outputs_not_found: {
    name: 'Outputs not found',
    meaning: 'Dates whose completed files have no output in the expected place: most likely it is elsewhere.',
  },
};
