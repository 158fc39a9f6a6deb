import type { OrphanKind } from '../checks/verdict.ts';

/** What each kind of orphan is called, and means. */
export const KIND_TEXTS: Readonly<Record<OrphanKind, { readonly name: string; readonly meaning: string }>> = {
  stuck_in_pending: { name: 'Stuck in pending', meaning: 'No builder has taken them into a manifest.' },
  stuck_in_manifested: {
    name: 'Stuck in manifested',
    meaning: 'Their manifest waits, failed, or went on without them.',
  },
  stuck_in_processing: { name: 'Stuck in processing', meaning: 'Their job does not end.' },
  stuck_manifests: {
    name: 'Stuck manifests',
    meaning: 'No execution takes them, or their job does not end.',
  },
  missing_manifests: {
    name: 'Missing manifests',
    meaning: 'The manifest that their record names is not there.',
  },
  missing_outputs: {
    name: 'Missing outputs',
    meaning: 'They are completed, and there is no output of theirs.',
  },
  not_in_manifest: {
    name: 'Not in their manifest',
    meaning: 'They are completed, but were never converted.',
  },
};
