import { look } from './look.ts';
import { keepSent, readState, saveState } from './outlet-items.ts';
import { forgetTaken, type SeeDeps, see } from './see.ts';
import { type Bus, sendNotices } from './send.ts';

export interface OutletDeps extends SeeDeps {
  readonly bus: Bus;
}

/** What one look came to. */
export interface OutletRun {
  readonly sent: number;
  /** How many wait for the next run. */
  readonly waiting: number;
  /** Why they do; undefined when none does. */
  readonly fault: string | undefined;
}

/**
 * Looks at what is new, and sends it. A notice is kept before it is sent, and given up only after the bus has it, so it
 * is sent at least once, whenever a run ends: once more, it has the same id. Of two runs at the same time one does
 * nothing from the moment on that the other has written.
 */
export async function runOutlet(deps: OutletDeps): Promise<OutletRun> {
  const { projection, bus } = deps;
  const kept = await readState(projection);
  const { seen, taken } = await see(deps, kept.state);
  const state = look(kept.state, seen);
  const revision = await saveState(projection, state, kept.revision);
  if (revision === undefined) return { sent: 0, waiting: state.waiting.length, fault: undefined };
  await forgetTaken(deps, taken);
  const { sent, fault } = await sendNotices(bus, state.waiting);
  if (sent.length === 0) return { sent: 0, waiting: state.waiting.length, fault };
  await keepSent(projection, sent);
  const waiting = state.waiting.filter((notice) => !sent.includes(notice));
  await saveState(projection, { ...state, waiting }, revision);
  return { sent: sent.length, waiting: waiting.length, fault };
}
