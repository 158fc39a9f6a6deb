import { expect, test } from 'vitest';
import { executionsTitle } from '../../../shared/cli/resets.ts';

test('commands for executions are marked on this machine, which has none, and not in a deployment', () => {
  expect(executionsTitle('To stop it', { environment: 'dev' })).toBe('To stop it:');
  expect(executionsTitle('To stop it', { environment: 'local' })).toBe(
    'To stop it (only in a deployment, not on this machine):',
  );
});
