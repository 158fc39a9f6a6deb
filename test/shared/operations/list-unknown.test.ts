import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { headKey } from '../../../shared/projection/items.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';
import { applyDeps } from '../../support/projection.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';

const LARGE = '2026-11-22';
const DATES = ['2026-11-21', LARGE, '2026-11-23'];
const unknown: string[] = [];
let aws: LocalAws;

beforeAll(async () => {
  aws = await localAws();
  const table = streamedTable();
  const stream: unknown[] = [];
  for (const [i, date_prefix] of DATES.entries()) {
    for (let n = 0; n < (date_prefix === LARGE ? 48 : 2); n++) {
      // One sorts elsewhere in UTF-8 than by its units in UTF-16.
      const file_key = `${i}-${n % 7 === 0 ? '\u{1f680}' : '\uff5e'}-${String(n).padStart(2, '0')}.ndjson`;
      const isUnknown = n % 3 === 0;
      const status = isUnknown ? 'archived' : 'pending#1';
      stream.push(table.write(file_key, { ...uploaded(), file_path: undefined, status }, date_prefix));
      const Item = table.items.get(JSON.stringify({ date_prefix, file_key }));
      await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
      if (isUnknown) unknown.push(file_key);
    }
  }
  await consumeBatch(stream, applyDeps(aws), { s3: aws.s3, bucket: aws.buckets.deadLetter });
  await enlargeHeads(table.items.values());
}, 60_000);

/** So that the heads of the large date are read in several pages. */
async function enlargeHeads(records: Iterable<object>): Promise<void> {
  for (const record of records as Iterable<{ date_prefix: string; file_key: string }>) {
    if (record.date_prefix !== LARGE) continue;
    await aws.documents.send(
      new UpdateCommand({
        ...{ TableName: aws.projectionTable, Key: headKey(record), UpdateExpression: 'SET filler = :filler' },
        ExpressionAttributeValues: { ':filler': 'x'.repeat(350_000) },
      }),
    );
  }
}

const UNKNOWN = { operation: 'query_by_status', status: 'unknown' };
const named = (files: readonly { readonly file_key: string }[]) => files.map(({ file_key }) => file_key);

test('all files of an unknown status are listed at once where there is time', async () => {
  const { files, next_token } = await ask(operationDeps(aws), UNKNOWN);
  expect([named(files).sort(), next_token]).toEqual([[...unknown].sort(), undefined]);
});

test.each([1, 5, 100])(
  'when time is up each answer ends where it is, and its token goes on, with %i to an answer',
  async (limit) => {
    const deps = { ...operationDeps(aws), signal: AbortSignal.abort() };
    const found: string[] = [];
    let empty = 0;
    let next_token: string | undefined;
    do {
      const answer = await ask(deps, { ...UNKNOWN, limit, ...(next_token && { next_token }) });
      expect(answer.files.length).toBeLessThanOrEqual(1);
      if (answer.files.length === 0) empty += 1;
      found.push(...named(answer.files));
      next_token = answer.next_token;
    } while (next_token);
    expect(found).toEqual(named((await ask(operationDeps(aws), UNKNOWN)).files));
    // Each date ends once, and the large one is read in more parts than one.
    expect(empty).toBeGreaterThan(DATES.length);
  },
  60_000,
);
