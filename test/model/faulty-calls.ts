import type { Call, Intercept } from '../support/intercepted.ts';
import { canBefall, EFFECTS } from './fault-effects.ts';
import type { Fault } from './schedule.ts';
import type { World } from './world.ts';

const DIED = new Error('The process died.');

/**
 * Answers the calls of one invocation: each waits for its turn, and some come to grief.
 *
 * @param onDeath called when the invocation dies of a fault; none of its later calls is made or answered
 */
export function faultyCalls(
  consumer: string,
  faults: readonly Fault[],
  world: World,
  onDeath: () => void,
): Intercept {
  const { turnstile, trace, tally } = world;
  const left = [...faults];
  let calls = 0;
  let dead = false;

  function take(command: string): Fault | undefined {
    calls += 1;
    const at = left.findIndex(({ kind, call }) => call <= calls && canBefall(kind, command));
    return at < 0 ? undefined : left.splice(at, 1)[0];
  }

  function die(): never {
    dead = true;
    onDeath();
    throw DIED;
  }

  async function make<Output>(call: Call<Output>, fault: Fault | undefined, asked: number): Promise<Output> {
    if (dead) throw DIED;
    const wasOvertaken = turnstile.turns() > asked + 1;
    const happens = fault && (fault.kind !== 'slow' || wasOvertaken);
    trace.push(`${consumer}: ${call.name}${happens ? ` (${fault.kind})` : ''}`);
    if (!happens) return call.send();
    tally.add(fault.kind);
    return EFFECTS[fault.kind](call, { die, landLater: () => landLater(call, fault) });
  }

  function landLater<Output>(call: Call<Output>, { overtakenBy }: Fault): void {
    const land = async () => {
      trace.push(`${consumer}: ${call.name} lands`);
      await call.send().catch(() => undefined);
    };
    void turnstile.pass(land, overtakenBy);
  }

  return async (asIs) => {
    if (dead) return new Promise(() => undefined);
    const call = ruled(asIs, world);
    const fault = take(call.name);
    const asked = turnstile.turns();
    const turn = turnstile.pass(
      () => make(call, fault, asked),
      fault?.kind === 'slow' ? fault.overtakenBy : 0,
    );
    // A process that died hears of nothing any more.
    return turn.catch((error: unknown) => (error === DIED ? new Promise(() => undefined) : raise(error)));
  };
}

/** The same call, for which the rules of the engine hold: between its beginning and its end others have their turns. */
function ruled<Output>(call: Call<Output>, { engine }: World): Call<Output> {
  const send = (changes?: object) =>
    engine.perform({ name: call.name, input: { ...call.input, ...changes } }, () => call.send(changes));
  return { ...call, send };
}

function raise(error: unknown): never {
  throw error;
}
