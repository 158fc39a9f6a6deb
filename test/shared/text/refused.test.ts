import { expect, test } from 'vitest';
import { field, Refused } from '../../../shared/text/refused.ts';

test('a hint names fields as the client needs them, and leaves names from outside as they are', () => {
  const hint = `Raise ${field('max_changes')}: approve.ts '{abc}.ndjson' {force}`;
  const refused = new Refused('TOO_MANY_CHANGES', 'Too many.', hint);
  expect(refused.commandHint).toBe("Raise --max-changes: approve.ts '{abc}.ndjson' {force}");
  expect(refused.hint).toBe("Raise max_changes: approve.ts '{abc}.ndjson' {force}");
});
