/** A rule on one field of a record, in the words that Lambda's filters know. */
type Rule = string | { readonly prefix: string } | { readonly 'anything-but': readonly string[] };

/**
 * Whether Lambda would hand a record over: all fields of at least one pattern must hold, each by one of its
 * rules. Patterns with rules that Lambda does not know are an error, as they are when a mapping is created.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax
 */
export function passesFilter(patterns: readonly string[], record: unknown): boolean {
  return patterns.some((pattern) => holds(JSON.parse(pattern), record));
}

function holds(pattern: object, value: unknown): boolean {
  return Object.entries(pattern).every(([field, expected]) => {
    const found = (value as Record<string, unknown> | undefined)?.[field];
    return Array.isArray(expected) ? expected.some((rule) => ruleHolds(rule, found)) : holds(expected, found);
  });
}

function ruleHolds(rule: Rule, value: unknown): boolean {
  // A field that is not there fulfils no rule but `exists: false`.
  if (typeof value !== 'string') return false;
  if (typeof rule === 'string') return value === rule;
  const [[name, operand] = [], ...others] = Object.entries(rule);
  if (others.length === 0 && name === 'prefix' && typeof operand === 'string')
    return value.startsWith(operand);
  if (others.length === 0 && name === 'anything-but' && isTexts(operand)) return !operand.includes(value);
  throw new Error(`Invalid filter pattern definition: ${JSON.stringify(rule)}.`);
}

function isTexts(operand: unknown): operand is readonly string[] {
  return Array.isArray(operand) && operand.every((text) => typeof text === 'string');
}
