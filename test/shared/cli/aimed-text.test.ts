import { expect, test } from 'vitest';
import { aimedText } from '../../../shared/cli/context.ts';

const ENV = ['--env', 'prod'];

test.each([
  [
    'Reset it: `npx tsx runbooks/update-state.ts a.ndjson --force`. Rows stay.',
    'Reset it: `npx tsx runbooks/update-state.ts a.ndjson --force --env prod`. Rows stay.',
  ],
  [
    String.raw`(npx tsx runbooks/wake-builder.ts 2026-11-06 --object 'in/o'\''brien (1)${'`'}.ndjson'), or not`,
    String.raw`(npx tsx runbooks/wake-builder.ts 2026-11-06 --object 'in/o'\''brien (1)${'`'}.ndjson' --env prod), or not`,
  ],
  ['the next upload takes it, or wake-builder.ts', 'the next upload takes it, or wake-builder.ts'],
])('the command lines in a text lead to the same target: %s', (text, aimed) => {
  expect(aimedText(text, ENV)).toBe(aimed);
  expect(aimedText(text, [])).toBe(text);
});

test('a command of the AWS CLI gets the profile, and nothing that only runbooks know', () => {
  const command = 'aws stepfunctions describe-execution --execution-arn arn:aws:x';
  expect(aimedText(command, ENV, 'ENVIRONMENT=prod ', "bob's")).toBe(`${command} --profile 'bob'\\''s'`);
  expect(aimedText(command, ENV, 'ENVIRONMENT=prod ')).toBe(command);
  expect(aimedText('Its job has failed.', ENV, '', 'ops')).toBe('Its job has failed.');
});
