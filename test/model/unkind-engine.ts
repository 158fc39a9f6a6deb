import { type CapacityRules, DOCUMENTED } from '../engine/capacity.ts';
import { createEngine } from '../engine/engine.ts';
import type { Turnstile } from './turnstile.ts';
import type { Tally, World } from './world.ts';

const TURN_MILLIS = 10;
// Longer than anything takes to be filled again.
const CALM_TURN_MILLIS = 3_600_000;

/**
 * An engine whose time passes in turns: each write begins in one turn and ends in a later one, so that others meet it
 * under way exactly where the order of a schedule has it so.
 *
 * @param writesPerSecond of each key range; undefined where capacity never ends
 */
export function createUnkindEngine(
  writesPerSecond: number | undefined,
  table: string,
  turnstile: Turnstile,
  tally: Tally,
): Pick<World, 'engine' | 'calm'> {
  let now = 0;
  let turnMillis = TURN_MILLIS;
  let seen = 0;
  const engine = createEngine(
    {
      keys: { [table]: ['pk', 'sk'] },
      conflicts: true,
      capacity: writesPerSecond === undefined ? undefined : scarce(writesPerSecond),
      latency: () => 0,
      bytesOf: () => 1,
      now: () => {
        now += (turnstile.turns() - seen) * turnMillis;
        seen = turnstile.turns();
        return now;
      },
      sleep: () => turnstile.pause(),
    },
    (result) => {
      if (result !== 'performed') tally.add(`${result} by the rules`);
    },
  );
  return {
    engine,
    calm: () => {
      turnMillis = CALM_TURN_MILLIS;
    },
  };
}

/** The documented rules, with far less to give, and nothing saved. */
function scarce(write: number): CapacityRules {
  return { ...DOCUMENTED, range: { write, read: 3 * write }, burstSeconds: 1, savedSeconds: 1 };
}
