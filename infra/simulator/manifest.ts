import type { Fault } from './faults.ts';
import type { World } from './world.ts';

/** A manifest in the pipeline. */
export interface Manifest {
  readonly date: string;
  /** `batch-0007-20261123-052258.json` */
  readonly name: string;
  readonly key: string;
  readonly uri: string;
  /** As records have it: version B writes the bare key. */
  readonly path: string;
}

/** The result of a job run. */
export interface JobEnd {
  /** Undefined if the job was not started, or did not end by itself. */
  readonly jobRunId?: string;
  /** Undefined after a success. */
  readonly error?: string;
}

export function noteFiles(world: World, { uri }: Manifest, fault: Fault): void {
  for (const keys of world.claimed.get(uri) ?? [])
    world.ledger.note(world.ledger.file(keys), fault, world.now());
}

export function strandFiles(world: World, { uri }: Manifest, fault: Fault): void {
  for (const keys of world.claimed.get(uri) ?? [])
    world.ledger.strand(world.ledger.file(keys), fault, world.now());
}
