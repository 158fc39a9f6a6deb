import {
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput as RawQuery,
} from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import validate from 'asl-validator';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { changeRunDefinition } from '../../infra/change-run.ts';
import { auditUnits } from '../../infra/functions/audit-units.ts';
import { noteEnd } from '../../infra/functions/consistency-audit.ts';
import { sweepEnd, sweepUnits } from '../../infra/functions/orphan-sweep.ts';
import { rebuildUnits } from '../../infra/functions/projection-rebuild.ts';
import { type DistributedRun, runDefinition } from '../../infra/run-definition.ts';
import { registerDates } from '../../shared/projection/dates.ts';
import { noteTaskEnd, readTaskAges } from '../../shared/reports/task-ends.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { type Definition, execute, type Tasks } from '../support/state-machine.ts';

const DAY_MILLIS = 86_400_000;
const MANY = 2_000;
const WORKER = 'arn:aws:lambda:us-east-1:000000000000:function:worker';

let aws: LocalAws;
let invoked: unknown[];

// The day stands still: which dates a run has to do is compared with the days at the end of a test.
beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  aws = await localAws();
  const today = Date.now();
  const dates = [0, 7, 9, 400].map((days) => isoDate(today - days * DAY_MILLIS));
  await registerDates({ docs: aws.documents, name: aws.projectionTable }, dates, new Set());
});

afterAll(() => {
  vi.useRealTimers();
});

function isoDate(millis: number): string {
  return new Date(millis).toISOString().slice(0, 10);
}

function definitionOf(prepare: DistributedRun['prepare'], atEnd?: DistributedRun['atEnd']): Definition {
  return runDefinition({
    comment: 'A run',
    prepare,
    ...(atEnd && { atEnd }),
    label: 'Units',
    functionArn: WORKER,
    concurrency: 4,
    results: { bucket: 'results', prefix: 'runs/test' },
    partition: 'aws',
  }) as Definition;
}

/** The real table, and a function that answers as it is told. */
function tasks(
  worker: (unit: Record<string, unknown>) => object,
  pageSize = MANY,
  { dynamoDb }: LocalAws = aws,
  split = (date_prefix: string): object[] => [{ date_prefix }],
): Tasks {
  invoked = [];
  return {
    'dynamodb:query': ({ Limit = pageSize, ...query }: RawQuery) =>
      dynamoDb.send(new QueryCommand({ ...query, Limit: Math.min(Limit, pageSize) })),
    'dynamodb:putItem': (put: PutItemCommandInput) => dynamoDb.send(new PutItemCommand(put)),
    'lambda:invoke': async ({ Payload }: { Payload: Record<string, unknown> }) => {
      if (Array.isArray(Payload.split)) return { Payload: { units: Payload.split.flatMap(split) } };
      invoked.push(Payload);
      return { Payload: worker(Payload) };
    },
  };
}

const done = (unit: object) => ({ ...unit, done: true });

describe('the definition', () => {
  test.each([
    ['of an audit', definitionOf(auditUnits('projection', WORKER, 'aws'), noteEnd('projection', 'aws'))],
    ['of a rebuild', definitionOf(rebuildUnits())],
    ['of a sweep', definitionOf(sweepUnits(WORKER, 'aws'), sweepEnd(WORKER, 'aws'))],
  ])('%s is valid', (_, definition) => {
    const { isValid, errorsText } = validate(definition);
    expect(isValid, errorsText('\n')).toBe(true);
  });
});

describe('an audit', () => {
  const audit = (table = aws.projectionTable) =>
    definitionOf(auditUnits(table, WORKER, 'aws'), noteEnd(table, 'aws'));
  const projection = () => ({ docs: aws.documents, name: aws.projectionTable });

  test('does every date that the projection has noted, whatever the size of a page', async () => {
    const { status } = await execute(audit(), {}, tasks(done, 1));
    expect(status).toBe('SUCCEEDED');
    expect(invoked).toHaveLength(4);
  });

  test('lists more dates than the result of a state may hold', async () => {
    const other = await localAws();
    const TableName = other.projectionTable;
    const dates = Array.from({ length: 5_900 }, (_, i) => `4711-${String(i).padStart(5, '0')}`);
    const puts = dates.map((sk) => ({ PutRequest: { Item: { pk: 'DATES', sk } } }));
    for (let from = 0; from < puts.length; from += 25) {
      const RequestItems = { [TableName]: puts.slice(from, from + 25) };
      await other.documents.send(new BatchWriteCommand({ RequestItems }));
    }
    const asked: string[] = [];
    const onlyFirst = (date: string): object[] => {
      asked.push(date);
      return date === dates[0] ? [{ date_prefix: date }] : [];
    };
    const { status } = await execute(audit(TableName), {}, tasks(done, 100_000, other, onlyFirst));
    expect(status).toBe('SUCCEEDED');
    expect(asked).toEqual(dates);
    expect(invoked).toEqual([expect.objectContaining({ date_prefix: dates[0] })]);
  });

  test('of the last 8 days does each of them once, noted or not, and what is noted after today', async () => {
    const other = await localAws();
    const { documents: docs, projectionTable: name } = other;
    const today = isoDate(Date.now());
    await registerDates(
      { docs, name },
      [isoDate(Date.now() - 9 * DAY_MILLIS), today, '4711-00-01'],
      new Set(),
    );
    await execute(audit(name), { days: 8 }, tasks(done, 1, other));
    const days = Array.from({ length: 9 }, (_, ago) => isoDate(Date.now() - ago * DAY_MILLIS));
    expect(invoked).toEqual(
      [...days, '4711-00-01'].map((date_prefix) => expect.objectContaining({ date_prefix })),
    );
  });

  test('of a very large date does each of its ranges until it is done', async () => {
    const ranges = (date_prefix: string) =>
      date_prefix === isoDate(Date.now()) ? [0, 1].map((range) => ({ date_prefix, range })) : [];
    const twice = (unit: Record<string, unknown>) => ({ ...unit, again: true, done: unit.again === true });
    const { status } = await execute(audit(), { days: 0 }, tasks(twice, MANY, aws, ranges));
    expect(status).toBe('SUCCEEDED');
    expect(invoked.map((unit) => (unit as { range: number }).range).sort()).toEqual([0, 0, 1, 1]);
  });

  test('of dates that cannot be cut does them whole', async () => {
    const fail = (): object[] => {
      throw new Error('no time');
    };
    const { status } = await execute(audit(), { days: 0 }, tasks(done, MANY, aws, fail));
    expect(status).toBe('SUCCEEDED');
    expect(invoked).toEqual([expect.objectContaining({ date_prefix: isoDate(Date.now()) })]);
  });

  test('of today alone audits it before anything of it is noted, even if it cannot be cut', async () => {
    const other = await localAws();
    const fail = (): object[] => {
      throw new Error('no time');
    };
    const { status } = await execute(
      audit(other.projectionTable),
      { days: 0 },
      tasks(done, MANY, other, fail),
    );
    expect(status).toBe('SUCCEEDED');
    expect(invoked).toHaveLength(1);
  });

  test('of nothing succeeds', async () => {
    expect(await execute(audit(), { days: -1 }, tasks(done))).toMatchObject({ status: 'SUCCEEDED' });
    expect(invoked).toEqual([]);
  });

  test('notes its end, also one of nothing, and not when a date failed', async () => {
    const later = Date.now() + DAY_MILLIS;
    const age = async () => (await readTaskAges({ projection: projection(), now: later })).audit;
    await noteTaskEnd(projection(), 'audit', later - 9 * DAY_MILLIS);
    const fail = () => {
      throw new Error('no such table');
    };
    expect((await execute(audit(), {}, tasks(fail))).status).toBe('FAILED');
    expect(await age()).toBe(9 * 86_400);
    await execute(audit(), { days: -1 }, tasks(done));
    expect(await age()).toBeLessThanOrEqual(86_400);
  });

  test('that a schedule starts twice for one time runs once', async () => {
    const scheduled = '2026-11-24T03:30:00Z';
    const start = (name: string, time?: string) =>
      execute(audit(), { days: 8, ...(time && { scheduled: time }) }, tasks(done), name);
    await start('first', scheduled);
    expect(invoked).toHaveLength(9);
    expect((await start('second', scheduled)).status).toBe('SUCCEEDED');
    expect(invoked).toEqual([]);
    // The claim of one execution is tried again when its answer was lost.
    await start('first', scheduled);
    expect(invoked).toHaveLength(9);
    await start('next night', '2026-11-25T03:30:00Z');
    expect(invoked).toHaveLength(9);
    await start('by hand');
    expect(invoked).toHaveLength(9);
  });
});

describe('a sweep', () => {
  const sweep = definitionOf(sweepUnits(WORKER, 'aws'), sweepEnd(WORKER, 'aws'));
  const stepOf = ({ step, unit }: Record<string, unknown>) => [step, unit].join(' ').trim();
  const worker = (units: number) => (request: Record<string, unknown>) => {
    const slices = Number(request.slices ?? 0) + 1;
    if (request.step === 'unit') return { ...request, slices, done: slices === 2 };
    if (request.step === 'end') return { done: true };
    return {
      units: Array.from({ length: units }, (_, unit) => ({ step: 'unit', unit })),
      end: { step: 'end', sweep: request.holder },
    };
  };

  test.each([1, 2])('of %i units begins, searches each at once until it is done, and ends', async (units) => {
    const { status } = await execute(sweep, { max_pending_hours: 4 }, tasks(worker(units)));
    expect(status).toBe('SUCCEEDED');
    const searched = Array.from({ length: units }, (_, unit) => [`unit ${unit}`, `unit ${unit}`]).flat();
    expect(invoked.map((request) => stepOf(request as never))).toEqual(['begin', ...searched, 'end']);
    expect(invoked[0]).toEqual({ step: 'begin', holder: 'execution-1', max_pending_hours: 4 });
    expect(invoked.at(-1)).toEqual({ step: 'end', sweep: 'execution-1' });
  });

  test('beside another one ends at once, without having done anything', async () => {
    const skipped = () => ({ skipped: 'Another sweep is under way.', units: [] });
    expect((await execute(sweep, {}, tasks(skipped))).status).toBe('SUCCEEDED');
    expect(invoked).toHaveLength(1);
  });

  test('with a failed unit is not ended, so that no report is incomplete', async () => {
    const fail = (request: Record<string, unknown>) => {
      if (request.step === 'unit') throw new Error('no such table');
      return worker(1)(request);
    };
    expect((await execute(sweep, {}, tasks(fail))).status).toBe('FAILED');
    expect(invoked.map((request) => stepOf(request as never))).toEqual(['begin', 'unit 0']);
  });
});

describe('a rebuild', () => {
  const rebuild = definitionOf(rebuildUnits());

  test('does every segment under the name of its execution', async () => {
    await execute(rebuild, {}, tasks(done));
    expect(invoked).toHaveLength(16);
    expect(invoked[15]).toEqual({ id: 'execution-1', segment: 15, segments: 16 });
  });

  test('goes on with an earlier one when it is named', async () => {
    await execute(rebuild, { id: 'march', segments: 1 }, tasks(done));
    expect(invoked).toEqual([{ id: 'march', segment: 0, segments: 1 }]);
  });
});

describe('a unit', () => {
  const single = definitionOf(rebuildUnits());

  test('goes on from its last answer until it is done', async () => {
    const worker = (unit: Record<string, unknown>) => {
      const pages = Number(unit.pages ?? 0) + 1;
      return { ...unit, pages, done: pages === 3 };
    };
    await execute(single, { segments: 1 }, tasks(worker));
    expect(invoked.map((unit) => (unit as { pages?: number }).pages)).toEqual([undefined, 1, 2]);
  });

  test('that fails keeps no other from being done, and fails the run with its number', async () => {
    const worker = (unit: Record<string, unknown>) => {
      if (unit.segment === 1) throw new Error('no such table');
      return done(unit);
    };
    const execution = await execute(single, { segments: 3 }, tasks(worker));
    expect(invoked).toHaveLength(3);
    expect(execution.status).toBe('FAILED');
    expect(execution.output).toContain('1 of 3 units failed');
  });
});

describe('a change that is larger than one invocation', () => {
  const change = changeRunDefinition(WORKER, 'aws') as unknown as Definition;
  const input = { change_id: '20261123T060000000Z-1a2b' };

  test.each([
    ['plain', (answer: object) => answer],
    ["a web server's", (answer: object) => ({ statusCode: 200, body: JSON.stringify(answer) })],
  ])('is asked for until it is done, its answers in %s form', async (_, form) => {
    const worker = () =>
      form({ ...input, done: invoked.length === 3, wait_seconds: 0, loops: invoked.length });
    expect((await execute(change, input, tasks(worker))).status).toBe('SUCCEEDED');
    const asked = { operation: 'continue_change', ...input };
    expect(invoked).toEqual([0, 1, 2].map((loops) => ({ ...asked, loops })));
  });

  test('and that is refused ends its execution with the reason', async () => {
    const refused = () => ({ statusCode: 404, error: { code: 'PLAN_NOT_FOUND', message: 'There is none.' } });
    const execution = await execute(change, input, tasks(refused));
    expect(execution).toEqual({ status: 'FAILED', output: 'There is none.' });
  });

  test('has a valid definition', () => {
    expect(validate(change as never)).toMatchObject({ isValid: true });
  });
});
