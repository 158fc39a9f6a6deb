import { maxFailedPercent, type StageRule } from './change.ts';

/** For how many hours a plan may be applied, unless something else is said. */
export const PLAN_HOURS = 24;

/** How many files a runbook writes per second, unless something else is said. */
export const USUAL_RATE = 100;

/** How a plan is to be applied. */
export interface PlanUse {
  /** Grows step by step, where given. */
  readonly stageRule?: StageRule | undefined;
  readonly maxAgeHours?: number | undefined;
  /** How many files are written per second. */
  readonly rate?: number | undefined;
}

/** What names a plan to a runbook, with the flags that say how it is to be applied: words of a command line. */
export function planWords(
  name: string,
  { stageRule, maxAgeHours = PLAN_HOURS, rate }: PlanUse = {},
): readonly string[] {
  const age = maxAgeHours === PLAN_HOURS ? [] : ['--max-plan-age', `${maxAgeHours}`];
  return [name, ...stageWords(stageRule), ...age, ...rateWords(rate)];
}

/** The flag that has a runbook write at this pace; nothing for the usual one. */
function rateWords(rate = USUAL_RATE): readonly string[] {
  return rate === USUAL_RATE ? [] : ['--rate', `${rate}`];
}

function stageWords(rule: StageRule | undefined): string[] {
  if (!rule) return [];
  const { first, withinMinutes } = rule;
  return [
    '--first',
    `${first}`,
    '--then-if',
    `failed < ${maxFailedPercent(rule)}%`,
    '--within',
    `${withinMinutes * 60}s`,
  ];
}
