/** Keeps use within a rate; callers ask it before each use. */
export interface Pacer {
  /** Waits until earlier use is paid off. */
  ready(): Promise<void>;
  /** Notes how much was used, which is known only afterwards. */
  used(units: number): void;
}

/** The rate and the clock. */
export interface PacerProps {
  readonly unitsPerSecond: number;
  /** Milliseconds since any fixed moment; it must never go back. */
  clock(): number;
  sleep(millis: number): Promise<unknown>;
}

/**
 * A rate without bursts: each use is paid off before the next one begins, and a pause saves nothing up. In any span of
 * time, no more is used than the rate allows plus one use per caller.
 */
export function createPacer({ unitsPerSecond, clock, sleep }: PacerProps): Pacer {
  let paidAt = Number.NEGATIVE_INFINITY;
  return {
    async ready() {
      // A timer may end early, and another caller may have been faster.
      for (let wait = paidAt - clock(); wait > 0; wait = paidAt - clock()) await sleep(wait);
    },
    used(units) {
      paidAt = Math.max(paidAt, clock()) + (units * 1_000) / unitsPerSecond;
    },
  };
}
