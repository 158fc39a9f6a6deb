import { classifyFault } from '../aws/faults.ts';

const MOST_ATTEMPTS = 6;
const SHORTEST_WAIT_MILLIS = 100;

/** What retrying needs from outside. */
export interface Patience {
  sleep(millis: number): Promise<unknown>;
  /** Nothing is retried once it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Repeats what throttles or the network kept from happening, after waits that double. The SDK has retried by
 * then, with jitter; this is for a table that stays too slow for longer than that.
 *
 * @throws the last error, or the first that no retry helps
 */
export async function withBackoff<T>(attempt: () => Promise<T>, { sleep, signal }: Patience): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      const isHopeless = classifyFault(error) !== 'busy' || tried >= MOST_ATTEMPTS;
      if (isHopeless || signal?.aborted) throw error;
      await sleep(SHORTEST_WAIT_MILLIS * 2 ** (tried - 1));
    }
  }
}
