import { drawManifest } from './manifest-cards.ts';
import { type OneManifest, readManifest } from './read-manifest.ts';
import type { View } from './view.ts';

/** One manifest: its records, its files with their states, the result of its job, and what rows prove. */
export const manifest: View<'manifest', OneManifest> = {
  tab: 'Manifests',
  read: readManifest,
  draw: drawManifest,
};
