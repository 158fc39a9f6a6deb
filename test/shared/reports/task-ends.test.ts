import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { missedAfterHours } from '../../../shared/aws/schedule.ts';
import { noteTaskEnd, readTaskAges } from '../../../shared/reports/task-ends.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';

const HOUR = 3_600_000;
const deployed = Date.parse('2026-11-23T06:00:00Z');
let aws: LocalAws;

beforeEach(async () => {
  aws = await localAws();
});

const projection = () => ({ docs: aws.documents, name: aws.projectionTable });
const agesAfter = (hours: number) => readTaskAges({ projection: projection(), now: deployed + hours * HOUR });

test('a new deployment has missed nothing', async () => {
  expect(await agesAfter(0)).toEqual({ sweep: 0, statistics: 0, audit: 0 });
  const { audit } = await agesAfter(24);
  expect(audit).toBe(24 * 3_600);
  expect(audit).toBeLessThan(missedAfterHours('audit') * 3_600);
});

test('a task that never ends is still noticed: it is as old as the deployment', async () => {
  await agesAfter(0);
  expect((await agesAfter(50)).audit).toBeGreaterThan(missedAfterHours('audit') * 3_600);
});

test('the age of a task counts from its last end; other tasks are unaffected', async () => {
  await agesAfter(0);
  await noteTaskEnd(projection(), 'sweep', deployed + 6 * HOUR);
  await noteTaskEnd(projection(), 'sweep', deployed + 12 * HOUR);
  expect(await agesAfter(13)).toEqual({ sweep: 3_600, statistics: 13 * 3_600, audit: 13 * 3_600 });
});

test('two simultaneous first callers differ only by the time between them', async () => {
  await Promise.all([agesAfter(0), agesAfter(0)]);
  expect((await agesAfter(1)).sweep).toBe(3_600);
});

test('a clock that went back makes no age negative', async () => {
  await noteTaskEnd(projection(), 'audit', deployed + HOUR);
  expect((await agesAfter(0)).audit).toBe(0);
});

test('other items are not read', async () => {
  const Item = { pk: 'TASKS#x', sk: 'audit', at: '2020-01-01T00:00:00.000Z' };
  await aws.documents.send(new PutCommand({ TableName: aws.projectionTable, Item }));
  expect((await agesAfter(0)).audit).toBe(0);
});
