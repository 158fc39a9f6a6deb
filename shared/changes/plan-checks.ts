import * as z from 'zod';
import { countOf, grouped } from '../text/number-text.ts';
import { field, Refused } from '../text/refused.ts';
import { durationText } from '../text/time-text.ts';
import { otherTableRefused } from './change-table.ts';
import {
  PLAN_VERSION,
  type PlanEntry,
  type PlanHeader,
  type PlanTarget,
  planEntry,
  planHeader,
} from './plan.ts';

/** What a saved plan is checked against. */
export interface PlanReading {
  readonly target: PlanTarget;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** An older plan is refused; left out, no plan is too old. */
  readonly maxAgeHours?: number | undefined;
}

/** @throws Refused when it is not a plan, of another version, for another table, or too old */
export function checkHeader(
  value: unknown,
  { target, now, maxAgeHours = Infinity }: PlanReading,
): PlanHeader {
  refuseOtherVersion(value);
  const { data: header, error } = planHeader.safeParse(value);
  if (error) throw invalidLine(1, z.prettifyError(error));
  refuseOtherTable(header, target);
  // Exact: hours to two decimals are 36 seconds.
  const age = ageMillis(header, now);
  if (age < 0)
    throw invalidLine(1, `it claims to have been made at ${header.created_at}, which is in the future`);
  if (age > maxAgeHours * HOUR_MILLIS) {
    throw new Refused(
      'STALE_PLAN',
      `The plan was made at ${header.created_at}, ${durationText(age)} ago; the limit is ${durationText(maxAgeHours * HOUR_MILLIS)}.`,
      'Plan again, and check what has changed.',
    );
  }
  return header;
}

function refuseOtherVersion(value: unknown): void {
  const { data } = z.looseObject({ format: z.string(), version: z.number() }).safeParse(value);
  if (data?.format !== 'state-manager-plan' || data.version === PLAN_VERSION) return;
  const age = data.version < PLAN_VERSION ? 'an older' : 'a newer';
  throw new Refused(
    'OTHER_VERSION',
    `The plan was made by ${age} version of this program: the plan has version ${data.version}, this program reads ${PLAN_VERSION}.`,
    'Plan again with this program, or apply it with the one that made it.',
  );
}

/** The ARN is compared when both sides know it: tables of one name exist in several accounts. */
export function refuseOtherTable(planned: PlanTarget, target: PlanTarget): void {
  const { table, table_arn } = planned;
  const sameArn = !table_arn || !target.table_arn || table_arn === target.table_arn;
  if (table === target.table && sameArn) return;
  const [made, here] = table === target.table ? [table_arn, target.table_arn] : [table, target.table];
  throw otherTableRefused('plan', made, here);
}

/** @throws Refused when a line is not an entry that planning could have made */
export function checkEntry(value: unknown, number: number): PlanEntry {
  const { data, error } = planEntry.safeParse(value);
  if (error) throw invalidLine(number, z.prettifyError(error));
  return data;
}

// Clocks of two machines differ a little.
const CLOCK_SKEW_MILLIS = 6 * 60_000;
const HOUR_MILLIS = 3_600_000;

/** How old a plan is, in hours to two decimals, to be shown. */
export function ageInHours(header: PlanHeader, now: number): number {
  return Math.round((ageMillis(header, now) / HOUR_MILLIS) * 100) / 100;
}

function ageMillis({ created_at }: PlanHeader, now: number): number {
  const age = now - Date.parse(created_at);
  return age < 0 && age > -CLOCK_SKEW_MILLIS ? 0 : age;
}

/** The refusal of a line that no plan can have. */
export function invalidLine(line: number, problem: string): Refused {
  return new Refused(
    'INVALID_PLAN',
    `Line ${line} of the plan: ${problem.replace(/\s*\n\s*/g, ' ')}.`,
    'Save the plan again. If you edit it by hand, only remove lines, and update the file count on the last line.',
  );
}

/** @throws Refused when there are more files than allowed */
export function refuseTooMany(files: number, maxChanges: number): void {
  if (files <= maxChanges) return;
  throw new Refused(
    'TOO_MANY_CHANGES',
    `This would change ${countOf(files, 'file')}; the limit is ${grouped(maxChanges)}.`,
    `Select fewer files; or raise ${field('max_changes')} if you mean all of these.`,
  );
}
