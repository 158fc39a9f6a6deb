/** @module-tag search */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { search } from '../support/search.ts';
import { RULES, type Rule } from './protocol.ts';
import { delivery, run } from './protocol-run.ts';

/** A delivery that does harm without a rule is always found in so many, mostly in the first hundred. */
const RUNS = 10_000;
const rules = Object.keys(RULES) as Rule[];

test('under all rules, any delivery ends with counters, heads and timelines that match what the files did', async () => {
  await search(
    fc.property(delivery, (given) => {
      expect(run(given, new Set(rules))).toEqual([]);
    }),
    { least: 1_000, most: RUNS },
  );
});

/** What is the first to suffer without a rule, of the things that must be right. */
const HARM: Readonly<Record<Rule, 'head' | 'counter' | 'timeline' | 'age'>> = {
  padding: 'head',
  label: 'head',
  condition: 'head',
  healing: 'counter',
  counted: 'age',
  tombstones: 'head',
  late: 'timeline',
  pages: 'timeline',
  revision: 'counter',
  transaction: 'counter',
  redelivery: 'head',
};

test.each(Object.entries(HARM))('without the rule of %s, some delivery ends with a wrong %s', (off, harm) => {
  const others = new Set(rules.filter((rule) => rule !== off));
  const isUnharmed = fc.property(delivery, (given) => {
    return run(given, others).every((problem) => !problem.includes(harm));
  });
  expect(fc.check(isUnharmed, { numRuns: RUNS, endOnFailure: true }).failed).toBe(true);
});
