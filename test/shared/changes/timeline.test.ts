import { beforeAll, expect, test } from 'vitest';
import { applyPlan } from '../../../shared/changes/apply.ts';
import { undoChange } from '../../../shared/changes/undo.ts';
import type { RawAttributes } from '../../../shared/pipeline/tracking-table.ts';
import { parseStreamRecord } from '../../../shared/projection/stream-record.ts';
import {
  CHANGED_AT,
  changeContext,
  changeRequest,
  DATE,
  FIELD_FILES,
  planReset,
  putRaw,
  scanRaw,
} from '../../support/changes.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { FIRST_STREAM } from '../../support/stream-records.ts';

let aws: LocalAws;
const name = 'sharded+name.ndjson';

beforeAll(async () => {
  aws = await localAws();
  await putRaw(aws, FIELD_FILES);
});

/** The event that the stream consumer makes of a write to the file. */
function eventOf(before: RawAttributes | undefined, after: RawAttributes | undefined) {
  const parsed = parseStreamRecord({
    eventName: 'MODIFY',
    eventSourceARN: `arn:aws:dynamodb:us-east-1:1:table/tracking/stream/${FIRST_STREAM}`,
    dynamodb: {
      Keys: { date_prefix: { S: DATE }, file_key: { S: name } },
      OldImage: before,
      NewImage: after,
      SequenceNumber: '999999999999999999991',
      // DynamoDB Local cuts it to the minute.
      ApproximateCreationDateTime: (CHANGED_AT + 7_200_000) / 1_000,
    },
  });
  return parsed.kind === 'transition' ? parsed.transition.event : parsed;
}

test("an operator's events name change, actor and reason, and are dated by the change", async () => {
  const states = [(await scanRaw(aws))[name]];
  const context = changeContext(aws);
  await applyPlan(context, await planReset(context), changeRequest('c1', 'x'.repeat(500)), {
    maxChanges: 10,
  });
  states.push((await scanRaw(aws))[name]);
  const later = changeContext(aws, CHANGED_AT + 3_600_000);
  await undoChange(later, 'c1', changeRequest('c2', 'a mistake'), { maxChanges: 10 });
  states.push((await scanRaw(aws))[name]);

  const actor = 'arn:aws:sts::123456789012:assumed-role/Ops/alice';
  expect(eventOf(states[0], states[1])).toMatchObject({
    event: 'reset',
    status: 'pending',
    time: '2026-11-23T06:00:00.000Z',
    changeId: 'c1',
    actor,
    reason: 'x'.repeat(200),
  });
  expect(eventOf(states[1], states[2])).toMatchObject({
    event: 'processing_started',
    time: '2026-11-23T07:00:00.000Z',
    changeId: 'c2',
    actor,
    reason: 'a mistake',
  });
});

test("the pipeline's next write is not taken for the operator's, although the record still has the audit attributes", async () => {
  const before = (await scanRaw(aws))[name];
  const after = { ...before, status: { S: 'completed#3' }, completed_time: { S: '2026-11-23T07:30:00Z' } };
  const event = eventOf(before, after);
  expect(event).toMatchObject({ event: 'completed', time: '2026-11-23T07:30:00.000Z' });
  expect(event).not.toHaveProperty('changeId');
});
