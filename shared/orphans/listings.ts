import type { StatusQuery } from '../pipeline/status-index.ts';
import type { OrphanKind } from './verdict.ts';

/**
 * What is searched, in this order: a file that moves on in the meantime is young when it is found again. Completed
 * files are searched by date, the others in the order of the index.
 */
export const LISTINGS = [
  { name: 'pending', kind: 'file', status: 'pending', finds: ['stuck_in_pending'] },
  {
    name: 'manifested',
    kind: 'file',
    status: 'manifested',
    finds: ['stuck_in_manifested', 'missing_manifests'],
  },
  {
    name: 'processing',
    kind: 'file',
    status: 'processing',
    finds: ['stuck_in_processing', 'missing_manifests'],
  },
  { name: 'manifests_pending', kind: 'manifest', status: 'pending', finds: ['stuck_manifests'] },
  { name: 'manifests_processing', kind: 'manifest', status: 'processing', finds: ['stuck_manifests'] },
  {
    name: 'completed',
    kind: 'file',
    status: 'completed',
    finds: ['missing_outputs', 'not_in_manifest', 'missing_manifests', 'outputs_not_found'],
  },
] as const satisfies readonly {
  name: string;
  kind: StatusQuery['kind'];
  status: string;
  finds: readonly OrphanKind[];
}[];
export type Listing = (typeof LISTINGS)[number];
