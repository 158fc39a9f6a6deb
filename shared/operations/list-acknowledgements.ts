import * as z from 'zod';
import type { Deps } from '../aws/deps.ts';
import { filterHolding } from '../reports/acknowledged-files.ts';
import { readAcknowledgements } from '../reports/acknowledgements.ts';
import { shownAcknowledgement } from './acknowledgements.ts';
import { fitToResponse } from './answers.ts';
import { operation } from './operation.ts';

export const listAcknowledgements = operation({
  name: 'list_acknowledgements',
  description: 'What is acknowledged, until when, by whom and why; the first to end comes first',
  input: z.strictObject({}),
  async run(deps: Pick<Deps, 'tracking' | 'projection' | 'now'>) {
    const all = await readAcknowledgements(deps.projection, deps.now);
    const sorted = all.sort((a, b) => (a.until < b.until ? -1 : 1));
    const holding = new Set(await filterHolding(deps, sorted));
    // A later change of its record has ended it.
    const shown = sorted.map((each) => ({ ...shownAcknowledgement(each), holds: holding.has(each) }));
    const fitting = fitToResponse(shown);
    return {
      count: shown.filter((each) => each.holds).length,
      acknowledgements: fitting,
      ...(fitting.length < shown.length && { truncated: true }),
    };
  },
});
