import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Ctrl-C and its like. */
export interface Interrupt {
  /** Aborted at the first one: what is under way is finished, and nothing more is begun. */
  readonly signal: AbortSignal;
  /** What to end with when it came: 130 for Ctrl-C. */
  exitCode(): number | undefined;
}

/** Listens from now on; a second Ctrl-C ends the process at once. */
export function onInterrupt(emitter: NodeJS.Process, note: (text: string) => void): Interrupt {
  const controller = new AbortController();
  let exitCode: number | undefined;
  for (const name of SIGNALS) {
    emitter.on(name, () => {
      const code = 128 + constants.signals[name];
      if (exitCode !== undefined) emitter.exit(code);
      exitCode = code;
      note('Stopping: what is under way is finished first. Once more ends at once.');
      controller.abort();
    });
  }
  return { signal: controller.signal, exitCode: () => exitCode };
}
