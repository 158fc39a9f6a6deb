/** Says whether Lambda would deliver a record to the function. */
export type EventFilter = (record: object) => boolean;

type Test = (value: unknown) => boolean;

/**
 * Evaluates the filter patterns of an event source mapping: a record passes when all fields of at least one
 * pattern hold, each by one of its rules. Without a pattern every record passes.
 *
 * It supports the rules "equals", "not" (`anything-but`) and "begins with" (`prefix`) for text; the deployed filter uses no
 * others.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax
 *
 * @param patterns JSON texts, as a mapping has them in `FilterCriteria.Filters[].Pattern`
 * @throws Error for any other rule, as Lambda refuses to create a mapping with a rule that it does not know
 */
export function eventFilter(patterns: readonly string[]): EventFilter {
  const tests = patterns.map((pattern) => fieldsTest(JSON.parse(pattern)));
  return (record) => tests.length === 0 || tests.some((test) => test(record));
}

/** "And": every field must hold. */
function fieldsTest(pattern: object): Test {
  const fields = Object.entries(pattern).map(([name, expected]) => [name, valueTest(expected)] as const);
  return (value) => fields.every(([name, test]) => test(fieldOf(value, name)));
}

/** "Or": a list holds when one of its rules does. */
function valueTest(expected: unknown): Test {
  if (!Array.isArray(expected)) {
    return typeof expected === 'object' && expected !== null ? fieldsTest(expected) : invalid(expected);
  }
  const tests = expected.map(ruleTest);
  // A field that is missing satisfies no rule but `exists: false`, which is not known here.
  return (value) => typeof value === 'string' && tests.some((test) => test(value));
}

function ruleTest(rule: unknown): (text: string) => boolean {
  if (typeof rule === 'string') return (text) => text === rule;
  const [[name, operand] = [], ...others] = typeof rule === 'object' && rule ? Object.entries(rule) : [];
  if (others.length > 0) return invalid(rule);
  if (name === 'prefix' && typeof operand === 'string') return (text) => text.startsWith(operand);
  if (name === 'anything-but' && isTexts(operand)) return (text) => !operand.includes(text);
  return invalid(rule);
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function isTexts(operand: unknown): operand is readonly string[] {
  return Array.isArray(operand) && operand.every((text) => typeof text === 'string');
}

function invalid(rule: unknown): never {
  throw new Error(`Invalid filter pattern definition: ${JSON.stringify(rule)}.`);
}
