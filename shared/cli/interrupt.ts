import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
// One Ctrl-C comes twice where a launcher such as npx hands it on as well.
const ECHO_MILLIS = 500;

/** Ctrl-C and its like. */
export interface Interrupt {
  /** Aborted at the first one: what is under way is finished, and nothing more is begun. */
  readonly signal: AbortSignal;
  /** What to end with when it came: 130 for Ctrl-C. */
  exitCode(): number | undefined;
}

/**
 * Listens from now on; a second Ctrl-C ends the process at once.
 *
 * @param clock in milliseconds
 */
export function onInterrupt(
  emitter: Pick<NodeJS.Process, 'on' | 'exit'>,
  note: (text: string) => void,
  clock: () => number = performance.now.bind(performance),
): Interrupt {
  const controller = new AbortController();
  let exitCode: number | undefined;
  let cameAt = 0;
  for (const name of SIGNALS) {
    emitter.on(name, () => {
      const code = 128 + constants.signals[name];
      if (exitCode !== undefined) {
        if (clock() - cameAt > ECHO_MILLIS) emitter.exit(code);
        return;
      }
      exitCode = code;
      cameAt = clock();
      note('Stopping: what is under way is finished first. Once more ends at once.');
      controller.abort();
    });
  }
  return { signal: controller.signal, exitCode: () => exitCode };
}
