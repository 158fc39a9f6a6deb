import * as z from 'zod';
import { issueText } from '../text/issue-text.ts';
import { grouped } from '../text/number-text.ts';
import { usageError } from '../text/refused.ts';
import type { FlagShape } from './command.ts';

/** Flags by the names their schemas have. */
export type Described = Readonly<Record<string, FlagSchema>>;

/** What was typed: each flag as typed, and words without a flag under `_`. */
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
      positional === 'file' && unknown.includes('.')
        ? `${seeHelp}. Write a name that begins with - as DATE/NAME.`
        : seeHelp,
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

/** Text becomes what the schema takes where possible; anything else stays as typed, for the schema to refuse. */
function readValue(first: unknown, more: readonly unknown[], { type, whole }: FlagSchema): unknown {
  if (type === 'array') return [first, ...more].flatMap((text) => (whole ? [text] : String(text).split(',')));
  if (more.length > 0) return [first, ...more];
  if ((type === 'integer' || type === 'number') && /^-?\d+(\.\d+)?$/.test(String(first)))
    return Number(first);
  return first;
}

/**
 * Values as the schema reads them.
 *
 * @throws Refused naming the flag, what was received and what is allowed
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

/** A rule of our own has its text in its message; the text of the others comes from the schema. */
function ruleText(issue: z.core.$ZodIssue, described: FlagSchema = {}): string {
  const allowed = allowedText(described);
  const own = issue.message.startsWith('allowed: ');
  return own || !allowed ? issueText(issue) : `allowed: ${allowed}`;
}

function receivedText(value: unknown): string {
  if (value === undefined || value === '') return 'nothing';
  if (Array.isArray(value)) return value.map(receivedText).join(' and ');
  return JSON.stringify(value);
}

/** One flag's schema as JSON Schema: what help texts and messages are made from. */
export interface FlagSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly items?: FlagSchema;
  /** Set by `.meta({ allowed })` where the schema does not say it in words. */
  readonly allowed?: string;
  /** Set by `.meta({ alias })`: another spelling, such as an operation's own field name. */
  readonly alias?: string;
  /** Set by `.meta({ suggestions })`: values that a shell completes, where others are allowed too. */
  readonly suggestions?: readonly string[];
  /** Set by `.meta({ whole })`: each value of a list is taken with its commas, and the flag is repeated for more. */
  readonly whole?: boolean;
  /** Set by `.meta({ group })`: the heading in the help text, if it is not `Flags:`. */
  readonly group?: string;
}

/** What the schemas say about their flags. */
export function describeFlags(shape: FlagShape): Described {
  return Object.fromEntries(Object.entries(shape).map(([name, schema]) => [name, flagSchema(schema)]));
}

function flagSchema(schema: z.ZodType): FlagSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as FlagSchema;
}

/** What a flag takes, in words that complete "allowed: …"; undefined when only the schema's own message can say. */
export function allowedText(flag: FlagSchema): string | undefined {
  if (flag.allowed) return flag.allowed;
  if (flag.enum) return flag.enum.join(', ');
  if (flag.type === 'array' && flag.items) return listText(flag.items);
  if (flag.type === 'integer' || flag.type === 'number') return numberText(flag);
  if (flag.format === 'uri') return 'a URL';
  return undefined;
}

function listText(items: FlagSchema): string | undefined {
  const each = allowedText(items);
  return each && `${each}; separate several with commas`;
}

function numberText({ type, minimum, maximum, exclusiveMinimum }: FlagSchema): string {
  const kind = type === 'integer' ? 'a whole number' : 'a number';
  if (minimum !== undefined && maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER)
    return `${kind} from ${grouped(minimum)} to ${grouped(maximum)}`;
  if (exclusiveMinimum !== undefined) {
    const upTo = maximum === undefined ? '' : `, at most ${grouped(maximum)}`;
    return `${kind} above ${grouped(exclusiveMinimum)}${upTo}`;
  }
  return minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER
    ? `${kind}, ${grouped(minimum)} or more`
    : kind;
}
