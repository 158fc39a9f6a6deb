/** @module-tag search */
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { dynamoDbDocuments } from '../../../shared/aws/clients.ts';
import { applyPlan } from '../../../shared/changes/apply.ts';
import { operations } from '../../../shared/operations/all.ts';
import { answer } from '../../../shared/operations/answer.ts';
import { trackingTable } from '../../../shared/pipeline/tracking-table.ts';
import {
  changeContext,
  changeRequest,
  FIELD_FILES,
  planReset,
  putRaw,
  scanRaw,
  UNTOUCHED,
} from '../../support/changes.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { operationDeps } from '../../support/operations.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';
import { isLongSearch } from '../../support/search.ts';
import { type Known, requestsFor } from './request-fuzz.ts';

const SEED = Number(process.env.PROPERTY_SEED ?? 20_261_123);
const REQUESTS = isLongSearch ? 6_000 : 400;
// Nothing asks for it by name, and no selection is about files that are done.
const SETTLED = { ...UNTOUCHED, status: { S: 'completed#3' } };
const CHANGE = '20261123T060000000Z-fuzz';

let aws: LocalAws;
let known: Known;

beforeAll(async () => {
  aws = await localAws();
  await putRaw(aws, [...FIELD_FILES, SETTLED]);
  const context = changeContext(aws);
  await applyPlan(context, await planReset(context), changeRequest(CHANGE), { maxChanges: 10 });
  await putRaw(aws, [...FIELD_FILES]);
  known = {
    keys: [
      ...FIELD_FILES.map(({ file_key }) => file_key?.S ?? ''),
      'gone.ndjson',
      'k'.repeat(1_025),
      'MANIFEST#m',
    ],
    changes: [CHANGE, '20261123T060000000Z-none', 'unknown'],
    tables: [aws.trackingTable, aws.projectionTable],
  };
});

/** The project's own clients, which count what they write. */
function countingDeps() {
  const writes = { count: 0 };
  const client = dynamoDbDocuments(aws.dynamoDb);
  const send = client.send.bind(client);
  const docs = new Proxy(client, {
    get: (target, name) =>
      name === 'send'
        ? async (command: object, ...more: never[]) => {
            const sent = await send(command as never, ...more);
            // One whose condition did not hold has written nothing.
            if (/^(Put|Update|Delete|Batch|Transact)\w*Command$/.test(command.constructor.name))
              writes.count += 1;
            return sent;
          }
        : Reflect.get(target, name),
  });
  const tables = {
    tracking: trackingTable(docs, aws.trackingTable, FIELD_PROFILE),
    projection: { docs, name: aws.projectionTable },
  };
  return { deps: { ...operationDeps(aws), ...tables }, writes };
}

test(`no request of ${REQUESTS} ends in a function error, and none that is refused writes (seed ${SEED})`, async () => {
  const each = Math.ceil(REQUESTS / operations.length);
  const seen = { answered: 0, refused: 0 };
  for (const operation of operations) {
    for (const request of fc.sample(requestsFor(operation, known), { seed: SEED, numRuns: each })) {
      const { deps, writes } = countingDeps();
      const told = () => `${operation.name}, seed ${SEED}: ${describeRequest(request)}`;
      const reply = await answer(request, operations, deps).catch((error: unknown) => {
        throw new Error(`${told()}\n${error instanceof Error ? error.stack : error}`);
      });
      if ('error' in reply && 'statusCode' in reply) {
        seen.refused += 1;
        expect(reply.statusCode, told()).toBeGreaterThanOrEqual(400);
        expect(reply.statusCode, told()).toBeLessThan(500);
        expect((reply.error as { hint?: string }).hint, told()).toBeTruthy();
        expect(writes.count, told()).toBe(0);
      } else seen.answered += 1;
      expect(() => JSON.stringify(reply), told()).not.toThrow();
    }
  }
  expect(seen.answered).toBeGreaterThan(REQUESTS / 10);
  expect(seen.refused).toBeGreaterThan(REQUESTS / 10);
  expect((await scanRaw(aws))[UNTOUCHED.file_key?.S ?? '']).toEqual(SETTLED);
});

function describeRequest(request: object): string {
  try {
    return JSON.stringify(request).slice(0, 2_000);
  } catch {
    return 'a request that is nested too deep to be shown';
  }
}
