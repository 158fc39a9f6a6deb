import type { OrphanKind } from '../orphans/verdict.ts';

/** What each kind of orphan is called, and means. */
export const KIND_TEXTS: Readonly<Record<OrphanKind, { readonly name: string; readonly meaning: string }>> = {
  stuck_in_pending: { name: 'Stuck in pending', meaning: 'They have been pending for longer than they may.' },
  stuck_in_manifested: {
    name: 'Stuck in manifested',
    meaning: 'They have been manifested for longer than they may.',
  },
  stuck_in_processing: {
    name: 'Stuck in processing',
    meaning: 'They have been processing for longer than they may.',
  },
  stuck_manifests: {
    name: 'Stuck manifests',
    meaning: 'Manifests that wait or run for longer than they may.',
  },
  missing_manifests: {
    name: 'Missing manifests',
    meaning: 'The manifest that their record names is not there, or they name none.',
  },
  missing_outputs: {
    name: 'Missing outputs',
    meaning: 'They are completed, and no output from the time of their job is there.',
  },
  not_in_manifest: {
    name: 'Not in their manifest',
    meaning: 'They are completed, and their manifest does not list them: they were never converted.',
  },
};
