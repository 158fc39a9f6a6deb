/** @module-tag long */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Outcome } from './scenarios.ts';
import {
  LIMIT_HEAD,
  limitRows,
  markdownTable,
  OUTCOME_HEAD,
  outcomeCells,
  simulateVolume,
  VOLUMES,
} from './tables.ts';

test('docs/scale.md has the simulated figures; npm run simulate -- --write writes them', async () => {
  const page = readFileSync(new URL('../../docs/scale.md', import.meta.url), 'utf8');
  const outcomes: Outcome[] = [];
  for (const volume of VOLUMES) outcomes.push(...(await simulateVolume(volume)));
  expect(page).toContain(markdownTable(OUTCOME_HEAD, outcomes.map(outcomeCells)));
  expect(page).toContain(markdownTable(LIMIT_HEAD, limitRows(outcomes)));
}, 300_000);
