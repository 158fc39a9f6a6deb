import type * as z from 'zod';
import { allowedText, type FlagSchema } from './allowed.ts';
import type { FlagShape } from './command.ts';
import { usageError } from './exit.ts';

/** Flags by the names their schemas have. */
export type Described = Readonly<Record<string, FlagSchema>>;

/** What was typed: by flag as typed, the words without a flag under `_`. */
export interface Typed {
  readonly _: readonly string[];
  readonly [flag: string]: unknown;
}

/** The flag as it is typed: `olderThan` is `--older-than`. */
export function flagName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/**
 * Refuses flags and words that no schema describes.
 *
 * @param positional the flag that one word may stand for
 */
export function refuseUnknown(
  { _: words, ...typed }: Typed,
  described: Described,
  positional: string | undefined,
  seeHelp: string,
): void {
  const known = Object.keys(described).map(flagName);
  const [unknown] = Object.keys(typed).filter((flag) => !known.includes(flag));
  if (unknown !== undefined) {
    const allowed = known.map((flag) => `--${flag}`).join(', ');
    throw usageError(
      `Unknown flag -${unknown.length > 1 ? '-' : ''}${unknown}, allowed: ${allowed}.`,
      seeHelp,
    );
  }
  const surplus = words.slice(positional ? 1 : 0);
  if (surplus.length > 0) {
    const allowed = positional ? `one ${positional.toUpperCase()} and flags` : 'flags only';
    throw usageError(`Received "${surplus.join(' ')}", allowed: ${allowed}.`, seeHelp);
  }
}

/** The typed flags among those described, as values for their schemas. */
export function valuesOf(typed: Typed, described: Described, positional?: string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(described).flatMap(([flag, schema]) => {
      const given = [typed[flagName(flag)], flag === positional ? typed._[0] : undefined];
      const [first, ...more] = given.flat().filter((value) => value !== undefined);
      return first === undefined ? [] : [[flag, readValue(first, more, schema)]];
    }),
  );
}

/** Text becomes what the schema takes where it can; what cannot stays as typed, for the schema to refuse. */
function readValue(first: unknown, more: readonly unknown[], { type }: FlagSchema): unknown {
  if (type === 'array') return [first, ...more].flatMap((text) => String(text).split(','));
  if (more.length > 0) return [first, ...more];
  if ((type === 'integer' || type === 'number') && /^-?\d+(\.\d+)?$/.test(String(first)))
    return Number(first);
  return first;
}

/**
 * Values as the schema reads them.
 *
 * @throws RunbookError naming the flag, what was received and what is allowed
 */
export function checkedFlags<S extends FlagShape>(
  schema: z.ZodObject<S>,
  described: Described,
  values: Readonly<Record<string, unknown>>,
  seeHelp: string,
): z.output<z.ZodObject<S>> {
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (!issue) throw new Error('The schema refused the flags without an issue.');
  const flag = String(issue.path[0]);
  throw usageError(
    `--${flagName(flag)}: received ${receivedText(values[flag])}, ${ruleText(issue, described[flag])}.`,
    seeHelp,
  );
}

/** A rule of its own says so in its message; the others are told from the schema. */
function ruleText(issue: z.core.$ZodIssue, described: FlagSchema = {}): string {
  const allowed = allowedText(described);
  const own = issue.message.startsWith('allowed: ');
  return own || !allowed ? issue.message : `allowed: ${allowed}`;
}

function receivedText(value: unknown): string {
  if (value === undefined || value === '') return 'nothing';
  if (Array.isArray(value)) return value.map(receivedText).join(' and ');
  return JSON.stringify(value);
}
