import { expect, test } from 'vitest';
import { readHealingPolicy } from '../../../shared/healing/policy.ts';
import { CHANGE_FOR } from '../../../shared/orphans/verdict.ts';
import { HEALABLE_CAUSES } from '../../../shared/settings/healing-policy.ts';

test('a policy that names only its causes is careful about the rest', () => {
  expect(readHealingPolicy('{"mode":"apply","causes":["updater_missed"]}')).toEqual({
    mode: 'apply',
    causes: ['updater_missed'],
    max_changes: 100,
    max_share: 0.1,
  });
  expect(readHealingPolicy('{"mode":"report"}')).toEqual({ mode: 'report' });
});

test('a rule that names only its class tries three times, with care', () => {
  expect(readHealingPolicy('{"mode":"apply","retry":[{"class":"Throttling"}]}')).toMatchObject({
    causes: [],
    retry: [{ class: 'Throttling', attempts: 3, back_off_minutes: 30, max_share: 0.2 }],
  });
});

/** They rest on what a night's verification has kept, which is not read again before a change: people decide. */
const BY_KEPT_PROOF = ['no_rows', 'rows_in_output'];

test('only causes that a change of status can fix may be chosen', () => {
  const mended = Object.entries(CHANGE_FOR).filter(([, change]) => change !== 'none' && change !== 'fail');
  expect(mended.map(([cause]) => cause).sort()).toEqual([...HEALABLE_CAUSES, ...BY_KEPT_PROOF].sort());
  expect(HEALABLE_CAUSES).toContain('updater_missed');
  expect(HEALABLE_CAUSES).not.toContain('placeholder_left');
  expect(HEALABLE_CAUSES).not.toContain('input_missing');
});

test.each([
  ['', 'received '],
  ['apply', 'received apply'],
  ['{"mode":"heal"}', 'mode'],
  ['{"mode":"apply"}', 'causes'],
  ['{"mode":"apply","causes":[]}', 'causes'],
  ['{"mode":"apply","causes":["placeholder_left"]}', 'causes'],
  ['{"mode":"plan","causes":["job_stuck"],"max_changes":501}', 'max_changes'],
  ['{"mode":"plan","causes":["job_stuck"],"max_share":0}', 'max_share'],
  ['{"mode":"report","causes":["job_stuck"]}', 'causes'],
  ['{"mode":"apply","retry":[]}', 'retry'],
  ['{"mode":"apply","retry":[{"class":"x"}]}', 'class'],
  ['{"mode":"apply","retry":[{"class":"Throttling","attempts":0}]}', 'attempts'],
])('%s is no policy, and it is said what would be', (text, named) => {
  expect(() => readHealingPolicy(text)).toThrow(named);
  expect(() => readHealingPolicy(text)).toThrow('Allowed: {"mode":"report"}');
});
