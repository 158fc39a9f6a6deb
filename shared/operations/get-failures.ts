import * as z from 'zod';
import type { Deps } from '../aws/deps.ts';
import { readFailures, readSamples } from '../projection/read-failures.ts';
import { datePrefix, failureClassId } from './inputs.ts';
import { operation } from './operation.ts';

export const getFailures = operation({
  name: 'get_failures',
  description: 'How many files failed or were refused for each cause, of one date or in all',
  input: z.strictObject({
    date_prefix: datePrefix.optional(),
    class: failureClassId.optional().describe('only this class, with some of its files'),
  }),
  async run({ projection, now }: Pick<Deps, 'projection' | 'now'>, { date_prefix, class: wanted }) {
    const found = await readFailures(projection, date_prefix, now);
    const failures = found.filter((each) => wanted === undefined || each.class === wanted);
    return {
      failed: sumOf(failures.map(({ failed }) => failed)),
      quarantined: sumOf(failures.map(({ quarantined }) => quarantined)),
      failures,
      ...(wanted !== undefined && { samples: await readSamples(projection, wanted) }),
    };
  },
});

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
