/** Keeps what is used within a rate, by whoever asks it before each use. */
export interface Pacer {
  /** Waits until what was used before is paid off. */
  ready(): Promise<void>;
  /** Notes what a use took, which is known only afterwards. */
  used(units: number): void;
}

/** How fast, and by which time. */
export interface PacerProps {
  readonly unitsPerSecond: number;
  /** Milliseconds since any moment; it must not be set back. */
  clock(): number;
  sleep(millis: number): Promise<unknown>;
}

/**
 * A rate without a burst: each use is paid off before the next one begins, and a pause earns nothing. In any span of
 * time no more is used than the rate allows, and one use of each caller besides.
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
