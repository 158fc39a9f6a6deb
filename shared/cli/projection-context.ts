import { setTimeout as sleep } from 'node:timers/promises';
import type { RepairDeps } from '../projection/repair.ts';
import type { RunContext } from './command.ts';

/** What rebuild, repair and replay need when a person runs them: nothing ends them but Ctrl-C. */
export function projectionContext({
  service,
  now,
}: Pick<RunContext<unknown>, 'service' | 'now'>): RepairDeps & { registeredDates: Set<string> } {
  return {
    projection: service.projection,
    tracking: service.tracking,
    now,
    random: Math.random,
    sleep: (millis) => sleep(millis),
    remainingMillis: () => Number.POSITIVE_INFINITY,
    registeredDates: new Set(),
  };
}
