/** What a row should reach. */
export interface Goal {
  readonly of: 'value' | 'ratio';
  readonly bound: 'at least' | 'at most';
  readonly limit: number;
  /** Why it was not reached, with figures of this run; printed if the goal is missed. */
  readonly because: string;
}

/** One measurement, and what it is compared with. */
export interface Measured {
  readonly name: string;
  /** The size of the input, such as 100,000 (files). */
  readonly size: number;
  readonly sizeUnit: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline: string;
  /** In the same unit, from the same run. */
  readonly baselineValue: number;
  readonly goal?: Goal;
}

/** One line of the results. */
export interface Row extends Measured {
  readonly section: string;
  /** The value divided by the baseline's; 0 if the value is 0. */
  readonly ratio: number;
  /** Only if there is a goal. */
  readonly met?: boolean;
}

export function rowOf(section: string, measured: Measured): Row {
  const { value, baselineValue, goal } = measured;
  const ratio = value === 0 ? 0 : value / baselineValue;
  return {
    section,
    ...measured,
    ratio,
    ...(goal && { met: isMet(goal, goal.of === 'value' ? value : ratio) }),
  };
}

function isMet({ bound, limit }: Goal, reached: number): boolean {
  return bound === 'at least' ? reached >= limit : reached <= limit;
}
