import type * as z from 'zod';
import { countOf, grouped } from './number-text.ts';

const TYPES: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'text',
};

const OF_ZOD = /^(?:Too small|Too big|Invalid [a-z ]+)[:.] /;

/**
 * What a schema allows in place of a value that it refuses: "allowed: a number", also for zod's own rules, which it words
 * for programmers. A rule with a message of its own keeps that. Pure.
 */
export function issueText(issue: z.core.$ZodIssue): string {
  if (!OF_ZOD.test(issue.message)) return issue.message;
  const allowed = allowedBy(issue);
  return allowed === undefined ? issue.message : `allowed: ${allowed}`;
}

function allowedBy(issue: z.core.$ZodIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.join(', ');
    case 'too_small':
      return atLeast(issue.origin, Number(issue.minimum), issue.inclusive ?? true);
    case 'too_big':
      return atMost(issue.origin, Number(issue.maximum), issue.inclusive ?? true);
    default:
      return expectedBy(issue.message);
  }
}

/** As zod words it where it has no bounds: "Invalid discriminator value. Expected 'a' | 'b'". */
function expectedBy(message: string): string | undefined {
  return /^[A-Z][^:.]*[:.] [Ee]xpected (.+)$/s
    .exec(message)?.[1]
    ?.replaceAll("' | '", ', ')
    .replaceAll("'", '');
}

function atLeast(origin: string, least: number, isInclusive: boolean): string {
  if (origin === 'string')
    return least === 1 ? 'text that is not empty' : `text of ${grouped(least)} characters or more`;
  if (origin === 'array') return `a list of ${countOf(least, 'value')} or more`;
  return isInclusive ? `${exact(least)} or more` : `more than ${exact(least)}`;
}

function atMost(origin: string, most: number, isInclusive: boolean): string {
  if (origin === 'string') return `text of up to ${countOf(most, 'character')}`;
  if (origin === 'array') return `a list of up to ${countOf(most, 'value')}`;
  return isInclusive ? `${exact(most)} or less` : `less than ${exact(most)}`;
}

function exact(bound: number): string {
  return Number.isInteger(bound) ? grouped(bound) : String(bound);
}
