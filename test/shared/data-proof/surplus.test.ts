import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { mostShort } from '../../../shared/data-proof/confidence.ts';
import { surplusObjects } from '../../../shared/data-proof/surplus.ts';
import { verifiedDate } from '../../support/verified-date.ts';

/** Times of objects may have whole seconds; then the one that is listed first is the earlier. */
const write = (i: number) => `0000000${i}-0000-4000-8000-000000000000`;

test('an object that holds other rows too is written again without the surplus ones', async () => {
  const { completed, job, uri, verify } = await verifiedDate();
  for (const name of ['a.ndjson', "b'c.ndjson", 'well.ndjson']) await completed(name);
  await job(
    [
      ['a.ndjson', 5],
      ["b'c.ndjson", 5],
    ],
    write(1),
  );
  await job(
    [
      ['a.ndjson', 5],
      [uri("b'c.ndjson"), 5],
      ['well.ndjson', 2],
    ],
    write(2),
  );
  const { findings, state } = await verify();
  const [surplus, ...rest] = surplusObjects(findings, state.readings);
  expect(rest).toEqual([]);
  expect(surplus).toMatchObject({ rows: 12, surplus: 10, isWhole: false });
  const [, rewrite = ''] = surplus?.commands ?? [];
  // The shell takes the statement as it was meant.
  const words = execFileSync('sh', ['-c', rewrite.replace('duckdb', "printf '%s\\n'")], { encoding: 'utf8' });
  expect(words).toContain(`NOT IN ('${uri('a.ndjson')}', '${uri("b''c.ndjson")}')`);
});

test('if none of 300 files is short, fewer than 1 % of all are, with 95 % confidence', () => {
  expect(mostShort(0, 300)).toBeCloseTo(0.00994, 4);
  expect(mostShort(1, 300)).toBeCloseTo(0.0157, 3);
  expect(mostShort(0, 0)).toBe(1);
  expect(mostShort(3, 3)).toBe(1);
});
