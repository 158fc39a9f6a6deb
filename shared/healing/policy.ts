import * as z from 'zod';
import { CHANGE_FOR } from '../checks/causes.ts';
import type { Cause } from '../checks/verdict.ts';

/** The causes that a change of status can mend; that an input is lost is for a person to find out about. */
export const HEALABLE_CAUSES = (Object.keys(CHANGE_FOR) as Cause[]).filter(
  (cause) => CHANGE_FOR[cause] !== 'none' && CHANGE_FOR[cause] !== 'fail',
);

/** As many as one invocation gets done with time to spare, and its checkpoint has room for. */
const MOST_CHANGES = 500;

/**
 * What a sweep does about what it found. `report`: it only tells. `plan`: it also saves a plan that a person
 * may apply. `apply`: it makes the change itself. Plain JSON, as an environment variable holds it.
 */
export const healingPolicy = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('report') }),
  z.strictObject({
    mode: z.enum(['plan', 'apply']),
    /** Only files with one of these causes, and only by the change that the cause calls for. */
    causes: z.array(z.enum(HEALABLE_CAUSES)).min(1),
    /** Files in one run at most; the others wait for the next one. */
    max_changes: z.int().min(1).max(MOST_CHANGES).default(100),
    /** When a greater share of all files in flight has something wrong, nothing is changed. */
    max_share: z.number().gt(0).max(1).default(0.1),
  }),
]);
export type HealingPolicy = z.output<typeof healingPolicy>;
export type ActivePolicy = Exclude<HealingPolicy, { mode: 'report' }>;

/** Unless a deployment says otherwise, nothing is changed by itself. */
export const REPORT_ONLY: HealingPolicy = { mode: 'report' };

/** @throws Error naming what is wrong with the text, and what would be right */
export function readHealingPolicy(text: string): HealingPolicy {
  const { data, error } = healingPolicy.safeParse(parseJson(text));
  if (data) return data;
  const example = JSON.stringify({ mode: 'plan', causes: ['updater_missed'] });
  throw new Error(
    `The healing policy cannot be used: received ${text}. ${z.prettifyError(error)}\nAllowed is ${JSON.stringify(REPORT_ONLY)}, or for example ${example}.`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
