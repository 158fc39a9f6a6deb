/** What a row is to reach. */
export interface Goal {
  readonly of: 'value' | 'ratio';
  readonly bound: 'at least' | 'at most';
  readonly limit: number;
  /** What it is owed to, in figures of this run: printed when the goal is missed. */
  readonly because: string;
}

/** One measurement, and what it is compared with. */
export interface Measured {
  readonly name: string;
  /** How much was put in, such as 100,000 files. */
  readonly size: number;
  readonly sizeUnit: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline: string;
  /** In the same unit, and of the same run. */
  readonly baselineValue: number;
  readonly goal?: Goal;
}

/** One line of the results. */
export interface Row extends Measured {
  readonly section: string;
  /** The value divided by the baseline's; of nothing it is 0. */
  readonly ratio: number;
  /** Only where there is a goal. */
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
