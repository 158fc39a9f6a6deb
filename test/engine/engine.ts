import { type Capacity, type CapacityRules, createCapacity } from './capacity.ts';
import { createConflicts } from './conflicts.ts';
import { type Footprint, footprintOf, type KeyNames, type Request } from './footprint.ts';
import { conflictError, throttleError } from './refusals.ts';

/** What an engine is like. */
export interface EngineSettings {
  readonly keys: KeyNames;
  /** Whether requests that meet on an item cancel each other. */
  readonly conflicts: boolean;
  /** Undefined where nothing is ever too fast. */
  readonly capacity: CapacityRules | undefined;
  /** How long a request takes, in milliseconds; one that is refused for a conflict knows it after half of that. */
  latency(footprint: Footprint): number;
  /** The size of what an action of a request is about, in bytes. */
  bytesOf(action: object): number;
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(millis: number): Promise<unknown>;
}

/** What a request met with. */
export type EngineResult = 'performed' | 'conflict' | 'throttle';

export interface Engine {
  /** Performs a request by the rules, or refuses it with the error that the service has for that. */
  perform<Output>(request: Request, act: () => Promise<Output>): Promise<Output>;
}

/**
 * The rules of DynamoDB that DynamoDB Local does not have, before whatever holds the items. Nothing in it is left to
 * chance but what `latency` draws.
 *
 * @param onResult told of every request that the rules are about
 */
export function createEngine(
  settings: EngineSettings,
  onResult: (result: EngineResult, footprint: Footprint) => void = () => undefined,
): Engine {
  const conflicts = settings.conflicts ? createConflicts() : undefined;
  const capacity: Capacity | undefined = settings.capacity && createCapacity(settings.capacity);

  async function pass<Output>(footprint: Footprint, act: () => Promise<Output>): Promise<Output> {
    const millis = settings.latency(footprint);
    const passage = conflicts?.begin(footprint);
    if (passage && 'taken' in passage) {
      onResult('conflict', footprint);
      await settings.sleep(millis / 2);
      throw conflictError(footprint, passage.taken);
    }
    const end = () => passage?.end() ?? true;
    await settings.sleep(millis);
    const output = await act().catch((error: unknown) => {
      end();
      throw error;
    });
    const isWhole = end();
    onResult(isWhole ? 'performed' : 'conflict', footprint);
    // What a transactional read has read was written in between.
    if (!isWhole) throw conflictError(footprint, [0]);
    return output;
  }

  return {
    async perform(request, act) {
      const footprint = footprintOf(request, settings.keys, settings.bytesOf);
      if (!footprint) return act();
      const throttle = capacity?.take(footprint, settings.now());
      if (!throttle) return pass(footprint, act);
      onResult('throttle', footprint);
      throw throttleError(footprint, throttle);
    },
  };
}
