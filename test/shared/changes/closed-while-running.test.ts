import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { applyPlan, resumeChange } from '../../../shared/changes/apply.ts';
import { closeChange } from '../../../shared/changes/close.ts';
import type { ChangeDeps } from '../../../shared/changes/context.ts';
import { undoChange } from '../../../shared/changes/undo.ts';
import {
  CHANGED_AT,
  changeContext,
  changeRequest,
  DATE,
  faultyClient,
  keyOf,
  planOf,
  putRaw,
  rawFile,
  scanRaw,
  UNTOUCHED,
  unmarked,
} from '../../support/changes.ts';
import { named } from '../../support/faults.ts';
import { interceptedDocuments } from '../../support/intercepted.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';

const NAMES = Array.from({ length: 30 }, (_, i) => `f-${String(i).padStart(2, '0')}.ndjson`);
const RECORDS = NAMES.map((name) => rawFile(name, { status: { S: 'failed#1' } }));
const REQUESTS = NAMES.map((file_key) => ({ date_prefix: DATE, file_key, new_status: 'quarantined' }));
const OPTIONS = { maxChanges: 30, concurrency: 1 };

let aws: LocalAws;
let before: Awaited<ReturnType<typeof scanRaw>>;

beforeEach(async () => {
  aws = await localAws();
  await putRaw(aws, [...RECORDS, UNTOUCHED]);
  before = await scanRaw(aws);
});

const close = () => closeChange(changeContext(aws), 'c1', changeRequest('c2'));
const writtenNames = (records: typeof before) =>
  NAMES.filter((name) => records[name]?.status?.S !== 'failed#1');

test('a change that is closed while it waits for a slow table stops trying within seconds', async () => {
  const error = Object.assign(new Error('slow'), { name: 'ProvisionedThroughputExceededException' });
  const client = await faultyClient(aws, (_write, table) =>
    table === aws.trackingTable ? { error } : undefined,
  );
  const context = changeContext(aws, undefined, client);
  const plan = await planOf(context, REQUESTS);
  let waits = 0;
  let passed = 0;
  const sleep = async (millis: number) => {
    waits += 1;
    passed += millis;
    if (waits === 3) await close();
  };
  const clock = () => CHANGED_AT + passed;
  const run = applyPlan({ ...context, clock, sleep }, plan, changeRequest('c1'), {
    ...OPTIONS,
    maxErrors: 100,
  });
  await expect(run).rejects.toMatchObject({ code: 'CHANGE_CLOSED' });
  // A file is tried six times: that of all of them would be more than a hundred waits.
  expect(waits).toBeLessThan(15);
  expect(await scanRaw(aws)).toEqual(before);
});

test.each([
  ['slow by its rate', 1],
  ['slow for another reason', 500],
])('a change, %s, that is closed while it runs writes nothing more within seconds', async (_, rate) => {
  const context = changeContext(aws);
  const plan = await planOf(context, REQUESTS);
  let seconds = 0;
  // Each file takes a second; the first thirty of them are those of preparing.
  const sleep = async () => {
    seconds += 1;
    if (seconds === 33) await close();
  };
  const clock = () => CHANGED_AT + seconds * 1_000;
  const run = applyPlan({ ...context, clock, sleep }, plan, changeRequest('c1'), {
    ...OPTIONS,
    ratePerSecond: rate,
  });
  await expect(run).rejects.toMatchObject({ code: 'CHANGE_CLOSED' });
  const after = await scanRaw(aws);
  const written = writtenNames(after);
  expect(written.length).toBeGreaterThan(1);
  expect(written.length).toBeLessThan(10);
  for (const name of NAMES.filter((each) => !written.includes(each)))
    expect(after[name]).toEqual(before[name]);
  expect(after['untouched.ndjson']).toEqual(UNTOUCHED);
});

test('an undo restores also what a run of the change, which cannot know of it yet, writes last', async () => {
  const context = changeContext(aws);
  const plan = await planOf(context, REQUESTS);
  const steps = stepping();
  const options = { ...OPTIONS, ratePerSecond: 1 };
  const run = applyPlan({ ...context, ...steps.ofRun }, plan, changeRequest('c1'), options);
  const ended = steps.until(run);
  while (writtenNames(await scanRaw(aws)).length < 3) await steps.next();

  const undone = await undoChange({ ...context, ...steps.ofUndo }, 'c1', changeRequest('c2'), OPTIONS);
  while (!steps.isOver()) await steps.next();

  expect(await ended).toMatchObject({ code: 'CHANGE_CLOSED' });
  expect(undone).toMatchObject({ state: 'done', counts: { skipped: 0, failed: 0 } });
  // Some were written after the change was closed.
  expect(undone.counts?.applied).toBeGreaterThan(3);
  expect(unmarked(await scanRaw(aws))).toEqual(before);
});

test('a write that the SDK repeats after its process was suspended is not sent for a closed change', async () => {
  const { region, endpoint, credentials } = aws.dynamoDb.config;
  const client = new DynamoDBClient({ region, endpoint: await endpoint?.(), credentials, maxAttempts: 4 });
  let passed = 0;
  let sent = 0;
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const { TableName } = args.input as { TableName?: string };
        if (commandName !== 'UpdateItemCommand' || TableName !== aws.trackingTable) return next(args);
        sent += 1;
        if (sent > 1) return next(args);
        await close();
        passed += 3_600_000;
        throw Object.assign(new Error('The connection is gone.'), { name: 'TimeoutError' });
      },
    // Within the SDK's own retries.
    { step: 'deserialize' },
  );
  const context = { ...changeContext(aws, undefined, client), clock: () => CHANGED_AT + passed };
  const run = applyPlan(context, await planOf(context, REQUESTS), changeRequest('c1'), OPTIONS);
  await expect(run).rejects.toMatchObject({ code: 'CHANGE_CLOSED' });
  expect(sent).toBe(1);
  expect(await scanRaw(aws)).toEqual(before);
});

test('a change runs to its end while every second request about it is throttled', () => throttledRun(12));

test('so does one of more files than are read, and noted, at once', { tags: ['long'] }, () =>
  throttledRun(501),
);

async function throttledRun(files: number): Promise<void> {
  const more = Array.from({ length: files }, (_, i) =>
    rawFile(`m-${i}.ndjson`, { status: { S: 'failed#1' } }),
  );
  await putRaw(aws, more);
  const requests = more.map((record) => ({ ...keyOf(record), new_status: 'quarantined' }));
  const plan = await planOf(changeContext(aws), requests);
  let isThrottled = false;
  const docs = interceptedDocuments(aws.dynamoDb, ({ name, input, send }) => {
    const isAbout = !name.startsWith('Put') && /"CHANGES"|"CHANGE#/.test(JSON.stringify(input));
    isThrottled = isAbout && !isThrottled;
    return isThrottled ? Promise.reject(named('ThrottlingException')) : send();
  });
  const context = changeContext(aws);
  let passed = 0;
  const change = await applyPlan(
    {
      ...context,
      projection: { docs, name: aws.projectionTable },
      // So the change is looked at many times.
      clock: () => {
        passed += 1_000;
        return CHANGED_AT + passed;
      },
    },
    plan,
    changeRequest('c1'),
    { ...OPTIONS, maxChanges: files },
  );
  expect(change).toMatchObject({ state: 'done', counts: { applied: files, skipped: 0, failed: 0 } });
  const after = await scanRaw(aws);
  for (const name of [...NAMES, 'untouched.ndjson']) expect(after[name]).toEqual(before[name]);
}

test('while nobody can find out whether a change was closed, nothing is written, and it can be resumed', async () => {
  const context = changeContext(aws);
  const plan = await planOf(context, REQUESTS);
  const docs = interceptedDocuments(aws.dynamoDb, ({ name, input, send }) =>
    name.startsWith('Get') && JSON.stringify(input).includes('"CHANGES"')
      ? Promise.reject(named('ThrottlingException'))
      : send(),
  );
  const blind = { ...context, projection: { docs, name: aws.projectionTable } };
  const stopped = await applyPlan(blind, plan, changeRequest('c1'), OPTIONS);
  expect(stopped).toMatchObject({ state: 'stopped', stopCause: 'errors', counts: { applied: 0 } });
  expect(await scanRaw(aws)).toEqual(before);
  expect(await resumeChange(context, 'c1', changeRequest('c1').actor, OPTIONS)).toMatchObject({
    state: 'done',
    counts: { applied: 30 },
  });
  expect((await scanRaw(aws))['untouched.ndjson']).toEqual(UNTOUCHED);
});

test('an undo of a change that is done does not wait', async () => {
  const context = changeContext(aws);
  await applyPlan(context, await planOf(context, REQUESTS), changeRequest('c1'), OPTIONS);
  let waits = 0;
  const sleep = async () => {
    waits += 1;
  };
  await undoChange({ ...context, sleep }, 'c1', changeRequest('c2'), OPTIONS);
  expect(waits).toBe(0);
  expect(unmarked(await scanRaw(aws))).toEqual(before);
});

/** One time for a run and an undo: a second of it passes for both when the undo waits, or when the test says so. */
function stepping() {
  let seconds = 0;
  let isOver = false;
  let goOn = () => {};
  let arrived = () => {};
  const clock = () => CHANGED_AT + seconds * 1_000;
  const next = () => {
    seconds += 1;
    return new Promise<void>((resolve) => {
      arrived = resolve;
      if (isOver) resolve();
      goOn();
    });
  };
  const ofRun: Pick<ChangeDeps, 'clock' | 'sleep'> = {
    clock,
    sleep: () =>
      new Promise<void>((resolve) => {
        goOn = resolve;
        arrived();
      }),
  };
  return {
    ofRun,
    ofUndo: { clock, sleep: next },
    next,
    isOver: () => isOver,
    /** What the run throws. */
    until: (run: Promise<unknown>): Promise<unknown> =>
      run
        .catch((error: unknown) => error)
        .finally(() => {
          isOver = true;
          arrived();
        }),
  };
}
