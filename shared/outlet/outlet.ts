import { look, type OutletState } from './look.ts';
import { keepSent, readState, saveState } from './outlet-items.ts';
import { forgetTaken, type SeeDeps, see } from './see.ts';
import { type Bus, sendNotices } from './send.ts';

export interface OutletDeps extends SeeDeps {
  readonly bus: Bus;
}

/** The result of one run. */
export interface OutletRun {
  readonly sent: number;
  /** How many wait for the next run. */
  readonly waiting: number;
  /** Why they wait; undefined if none does. */
  readonly fault: string | undefined;
}

/**
 * Sends what waits, looks for what is new, and sends that. A notice is stored before it is sent, and removed only after the
 * bus has accepted it, so it is sent at least once, whenever a run may end; if it is sent again, it has the same id. Of two
 * runs at the same time, one stops as soon as the other has written.
 */
export async function runOutlet(deps: OutletDeps): Promise<OutletRun> {
  const { projection } = deps;
  const kept = await readState(projection);
  const earlier = kept.state && (await sendWaiting(deps, kept.state, kept.revision));
  const before = earlier ?? { ...kept, sent: 0, fault: undefined };
  if (before.revision === undefined) return runOf(before);
  const { seen, taken } = await see(deps, before.state);
  const state = look(before.state, seen);
  const revision = await saveState(projection, state, before.revision);
  if (revision === undefined) return runOf({ ...before, state });
  await forgetTaken(deps, taken);
  // If the bus has just refused some, nothing more is sent before the next run.
  if (before.fault !== undefined) return runOf({ ...before, state });
  const later = await sendWaiting(deps, state, revision);
  return runOf({ ...later, sent: before.sent + later.sent });
}

interface Sending {
  readonly state: OutletState | undefined;
  readonly sent: number;
  readonly fault: string | undefined;
}

function runOf({ state, sent, fault }: Sending): OutletRun {
  return { sent, waiting: state?.waiting.length ?? 0, fault };
}

/** @returns what still waits, with the revision under which it is stored; undefined if another run has written */
async function sendWaiting({ projection, bus }: OutletDeps, state: OutletState, revision: number) {
  if (state.waiting.length === 0) return { state, revision, sent: 0, fault: undefined };
  const { sent, fault } = await sendNotices(bus, state.waiting);
  if (sent.length === 0) return { state, revision, sent: 0, fault };
  await keepSent(projection, sent);
  const left = { ...state, waiting: state.waiting.filter((notice) => !sent.includes(notice)) };
  return {
    state: left,
    sent: sent.length,
    fault,
    revision: await saveState(projection, left, revision),
  };
}
